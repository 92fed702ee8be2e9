"""What an environment's settings may be: types, formats, rules, and how the files are found."""
