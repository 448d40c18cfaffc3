"""The tour: a picture of every pane and dialog as each role, a report and an invoice as PDF."""
