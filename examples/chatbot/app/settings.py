"""Settings, from the environment."""

import os

MODEL = "gpt-4o-2024-08-06"
TIMEOUT_SECONDS = 20
MAX_ANSWER_TOKENS = 400
MAX_QUESTION_CHARACTERS = 2000
ADMIN_CONTACT = os.environ.get("ADMIN_CONTACT", "digital@harbour.example")
