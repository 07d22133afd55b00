"""What a password costs whoever guesses it, in a process of its own: in this one they are cheap (support/once.py)."""

import os
import subprocess
import sys

from storage.staff import passwords

COST = "$argon2id$v=19$m=65536,t=3,p=4$"  # 64 MB, three times over
PRINTED = "from storage.staff import passwords; print(passwords.hashed('vier gele laarzen'), passwords._nobodys())"


def test_a_password_is_dear_to_guess_whatever_the_environment_says() -> None:
    environment = {**os.environ, "TIENMINUTEN_TESTS_STRICT": "1", "PYTEST_CURRENT_TEST": "this one"}
    command = [sys.executable, "-c", PRINTED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    of_somebody, of_nobody = done.stdout.split()
    assert of_somebody.startswith(COST)
    assert of_nobody.startswith(COST), "whoever is not there must take as long to refuse"


def test_a_dear_password_of_before_still_fits() -> None:
    dear = subprocess.run([sys.executable, "-c", PRINTED], capture_output=True, text=True, timeout=60, check=True)
    assert passwords.matches("vier gele laarzen", dear.stdout.split()[0])
    assert not passwords.matches("vijf gele laarzen", dear.stdout.split()[0])
