"""A small agent without a framework: each text and each call is judged before it counts."""

import json

from assaymark.guard import Guard

PAGE = "Opening hours: seven to six. On Sundays eight to noon."
STEPS = [("fetch", {"page": "hours"}), ("send_email", {"to": "jo@example.org", "text": "Seven to six."})]


def main(guard: Guard) -> None:
    """The model (scripted here) reads a page and then wants to send: a human must say yes."""
    session = guard.session("You help the customers of a bakery.")
    question = session.check("Mail Jo our opening hours, please.").raise_if_blocked().text
    print("asked:", question)
    for name, arguments in STEPS:
        call = session.check_tool_call(name, arguments)
        if call.needs_human:
            print(f"{name}: a human has to say yes")
            continue
        json.loads(call.raise_if_blocked().text)  # the arguments to use
        result = session.check(PAGE, "tool_result", tool=name)
        print(f"{name}:", result.text if result else "the result was withheld")
    for piece in session.stream(["We open at seven ", "and close at six."]):
        print("said:", piece)


if __name__ == "__main__":
    main(Guard())
