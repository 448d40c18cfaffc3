"""What auditors and clients of the demo say about findings."""

from __future__ import annotations

QUESTIONS = (
    "Reproduced on a fork at the audited commit. The trace is in the working folder.",
    "I would rate the likelihood one step lower: the caller needs a position first. Opinions?",
    "Agreed on the severity. The precondition is cheap, a flash loan covers it.",
    (
        "Same root cause as the finding on the neighbouring function. I keep them apart because "
        "the fixes differ."
    ),
    (
        "Checked the deployment script: the value is set right there, so it is the code path alone "
        "that is wrong."
    ),
    "The scanner reports eleven places. I went through all of them; only these are reachable.",
    "Shortened the proof. The first version needed an archive node, this one does not.",
    (
        "Could somebody read the remediation again? The reentrancy lock changes the gas cost of "
        "the hot path by 2,300."
    ),
    "Talked to their lead developer: intended for the test network, went to main by mistake.",
    "The invariant test found it within 40 runs, so the handler is worth keeping for the retest.",
    "Title was too long for the summary table. Cut to one line.",
    "I tried to chain this with the price issue. No gain beyond what either of them gives alone.",
    "Please mention the affected chains; on two of them the opcode does not exist.",
)
ANSWERS = (
    "Yes, lowered it and wrote down why.",
    "Done, ready for the second pair of eyes.",
    "Read it, no objections. Moved to ready.",
    "Kept the severity: our scheme counts a loss of yield as medium impact.",
    "Added the numbers from the fork test.",
    "Right. I split the remediation into what must change now and what can wait.",
    "Verified on the second commit as well, unchanged there.",
)
VERDICT_NOTES = {
    "fixed": (
        ("Fix reviewed at the second commit: state is written first now, and the new test fails "
        "without the change."),
        "The change does what we proposed. No side effects on the neighbouring functions.",
        "Fixed. They chose a different way than ours, which is equally good.",
    ),
    "partially_fixed": (
        "The main path is closed, the batch function still goes around the check.",
        "Better, but the limit is a constant that is too high for two of the markets.",
    ),
    "not_fixed": (
        "No change in the reviewed commit; the pull request was not merged.",
    ),
    "cannot_verify": (
        "The fix is in a component we have no access to. Asked for the configuration.",
    ),
}  # fmt: skip
CLIENT_WORDS = {
    "will_fix": (
        "Client, in the call: accepted, a fix is planned for this sprint.",
        "Client, by e-mail: \"Thank you, confirmed. We follow your proposal and add the test.\"",
        ("Client, by e-mail: \"We agree and had a related issue in our tracker. Fixed in the next "
        "release candidate.\""),
    ),
    "acknowledged": (
        ("Client, by e-mail: \"Known and accepted: the owner is a 4 of 7 multi-signature account. "
        "We will document it.\""),
        ("Client, in the call: acknowledged. The cost of a change is higher than the risk for the "
        "first release."),
        "Client, by e-mail: \"We accept this for now and look at it again with version 2.\"",
    ),
    "disputed": (
        ("Client, by e-mail: \"We do not see how this can happen, since only our bot calls the "
        "function.\" Answered with the test that calls it from another account."),
        "Client disputes the severity: in their view an attacker has no motive.",
    ),
}  # fmt: skip
