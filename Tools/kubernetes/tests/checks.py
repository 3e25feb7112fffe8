"""What a test says, and counts."""
import time


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


class Checks:
    """What is said of each check, and how many failed."""

    failures = 0

    def check(self, what: str, holds: bool, otherwise: str = "") -> None:
        say(f"  {'ok' if holds else 'FAILED'}: {what}")
        if not holds:
            Checks.failures += 1
            if otherwise:
                print(otherwise, flush=True)
