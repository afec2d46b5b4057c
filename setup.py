"""Builds the C library of `nlpkit.recurrence.native.cpu`; all else is in setup.cfg.

The compiler is zig's, which pip installs for the build; where it is missing, the system's. Each
cell is compiled once for each instruction set, and the library chooses when it is loaded. It is
bound to no version of Python or TensorFlow. If it cannot be built, nlpkit is installed without it.
"""

import itertools
import os
import platform
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError

FOLDER = Path("nlpkit/recurrence/native/cpu")
FRAMEWORK = "libtensorflow_framework.so.2"
FLAGS = ("-std=gnu2x", "-O3", "-g0", "-fPIC", "-fvisibility=hidden", "-ffp-contract=fast")
# The lowest glibc that manylinux2014 and so every TensorFlow has.
GLIBC = "2.17"
EACH = ("forward", "back")
"""The sources that are compiled for each cell and instruction set."""
CELLS = ("lstm", "gru", "simple_rnn")
INSTRUCTIONS = {
    "x86_64": {"avx512": "x86-64-v4", "avx2": "x86-64-v3", "portable": "x86-64"},
    "aarch64": {"portable": "armv8-a"},
}
HERE = INSTRUCTIONS.get(platform.machine()) if sys.platform == "linux" else None


class Compiler:
    """zig's compiler, or the system's."""

    def __init__(self, cache):
        # zig takes the standard library of any version, and caches what it makes of it.
        self._environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(cache / "zig")}
        self._zig = not os.environ.get("CC") and self._has_zig()
        target = f"{platform.machine()}-linux-gnu.{GLIBC}"
        zig = [sys.executable, "-m", "ziglang", "cc", "-target", target, "-fno-sanitize=all"]
        self._command = zig if self._zig else [os.environ.get("CC", "cc")]

    def _has_zig(self):
        version = [sys.executable, "-m", "ziglang", "version"]
        return not subprocess.run(version, capture_output=True, check=False).returncode

    def __call__(self, *arguments):
        command = [*self._command, *map(str, arguments)]
        try:
            subprocess.run(command, env=self._environment, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise CompileError(f"the C library cannot be built: {error}") from error

    def level(self, name):
        """The flag for an instruction set."""
        if not self._zig:
            return f"-march={name}"
        return f"-mcpu={'generic' if name == 'armv8-a' else name.replace('-', '_')}"


class Build(build_ext):
    """One library from the compilations for all instruction sets."""

    def get_ext_filename(self, fullname):
        return f"{fullname.replace('.', os.sep)}.so"

    def build_extension(self, ext):
        objects, library = Path(self.build_temp), Path(self.get_ext_fullpath(ext.name))
        objects.mkdir(parents=True, exist_ok=True)
        library.parent.mkdir(parents=True, exist_ok=True)
        compiler, made = Compiler(objects.absolute()), []
        for source in sorted(FOLDER.glob("*.c")):
            each = itertools.product(CELLS, HERE) if source.stem in EACH else [()]
            for kind in each:
                made.append(objects / f"{'_'.join((source.stem, *kind))}.o")
                flags = self._flags(compiler, *kind) if kind else []
                compiler(*FLAGS, *flags, "-c", source, "-o", made[-1])
        # The name alone has TensorFlow's library found, which the process has loaded.
        empty, stub = objects / "empty.c", objects / FRAMEWORK
        empty.touch()
        compiler("-shared", "-fPIC", empty, f"-Wl,-soname,{FRAMEWORK}", "-o", stub)
        link = ("-Wl,--no-as-needed", "-s", "-lpthread", "-o", library)
        compiler("-shared", *made, stub, *link)

    def _flags(self, compiler, cell, instructions):
        level = compiler.level(HERE[instructions])
        return [f"-DCELL={cell}", f"-DINSTRUCTIONS={instructions}", level]


class Wheel(bdist_wheel):
    """A wheel of this platform, for every Python."""

    def get_tag(self):
        tag = super().get_tag()
        return ("py3", "none", tag[2]) if HERE else tag


EXTENSION = Extension(
    ".".join((*FOLDER.parts, "libnlpkit")),
    sources=sorted(map(str, FOLDER.glob("*.c"))),
    depends=sorted(map(str, FOLDER.glob("*.h"))),
    optional=True,
)
setup(
    ext_modules=[EXTENSION] if HERE else [],
    cmdclass={"build_ext": Build, "bdist_wheel": Wheel},
)
