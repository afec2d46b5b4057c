"""Kernels that are written for one device, or for one cell."""
