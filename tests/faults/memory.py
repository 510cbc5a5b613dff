"""What a running program holds."""

from pathlib import Path

from tests.faults.program import Program


def resident(program: Program) -> int:
    """Bytes of memory that the process has in use."""
    status = Path(f"/proc/{program.running.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
