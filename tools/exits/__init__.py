"""The ways out of CDKTF, tested by ``make exits``. docs/exits.md says what each one takes."""
