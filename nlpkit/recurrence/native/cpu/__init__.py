"""The LSTM, the GRU and the vanilla RNN in C, as ops of TensorFlow's on a CPU.

library.py               where the compiled library is, and why there may be none
kernel.py                the kernel of `nlpkit.recurrence.kernels`
ops.c, tensorflow.h      the ops, through TensorFlow's interface for C
variants.c               which of the compilations for one instruction set each runs
recurrence.h             what a call is given
lstm.h, gru.h, simple_rnn.h  the equations of a cell, forward and back
cell.h                   which of them a file is compiled for
forward.c                any cell forward
back.[hc], back_*.h      and back
schedule.h, rows.[hc]    rows, blocks of time and threads
panels.h, tile.h         how weights lie in memory, and the product that all others are made of
vectors.h                vectors, sigmoid and tanh
team.[hc], memory.[hc]   threads that sleep between calls, and memory that is used again
"""
