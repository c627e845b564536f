"""Counts and prints the results of checks."""


class Findings:
    """All checks go through this class, so that a part without checks cannot pass."""

    def __init__(self, part):
        self.part = part
        self.checked = 0
        self.wrong = 0

    def check(self, holds, complaint):
        """Checks a condition. The complaint describes what was found instead."""
        self.checked += 1
        if not holds:
            self.wrong += 1
            print(f"{self.part}: WRONG: {complaint}", flush=True)
        return bool(holds)

    def equal(self, what, found, expected):
        """Checks that a value is the expected one."""
        return self.check(found == expected, f"{what} is {found!r}, not {expected!r}")

    def say(self, text):
        """Prints progress for the log."""
        print(f"{self.part}: {text}", flush=True)

    def finish(self):
        """Returns the exit code. Also prints the number of checks."""
        self.say(f"{self.checked} checks, {self.wrong} wrong")
        return 0 if self.checked and not self.wrong else 1
