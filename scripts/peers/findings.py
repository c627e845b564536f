"""What was checked, and what was found wrong: said at once, and counted for the end."""


class Findings:
    """Every check goes through here, so that a part that checked nothing cannot pass for one that found nothing."""

    def __init__(self, part):
        self.part = part
        self.checked = 0
        self.wrong = 0

    def check(self, holds, complaint):
        """One fact that must hold; the complaint says what was found instead."""
        self.checked += 1
        if not holds:
            self.wrong += 1
            print(f"{self.part}: WRONG: {complaint}", flush=True)
        return bool(holds)

    def equal(self, what, found, expected):
        """One value that must be this one."""
        return self.check(found == expected, f"{what} is {found!r}, not {expected!r}")

    def say(self, text):
        """What is going on, for whoever reads the log."""
        print(f"{self.part}: {text}", flush=True)

    def finish(self):
        """The exit code; also says how much was looked at."""
        self.say(f"{self.checked} checks, {self.wrong} wrong")
        return 0 if self.checked and not self.wrong else 1
