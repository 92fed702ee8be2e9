"""The program that answers as AWS: moto, with what moto lacks."""
