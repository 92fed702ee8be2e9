"""The ways out of CDKTF, proved by ``make exits``: docs/exits.md says what each would take."""
