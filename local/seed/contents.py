"""Contents that people have created in production: objects in its buckets, rows in its database."""

import secrets
from collections.abc import Mapping

import psycopg

from local.aws.clients import AwsClients

# The keys in the bucket of uploads, with the number of versions of each.
MEDIA = {"stories/1/cover.jpg": 2, "stories/1/voice.m4a": 1, "avatars/7.png": 1}
_OBJECT_BYTES = 2048
_STORIES = ("How the orchard was planted", "Letters from the lighthouse", "The winter of the long train")


def put_objects(aws: AwsClients, bucket: str, objects: Mapping[str, int]) -> None:
    """Fill an empty bucket with these objects, each with this number of versions."""
    if aws.s3.list_objects_v2(Bucket=bucket)["KeyCount"]:
        return
    for key, versions in objects.items():
        for _ in range(versions):
            aws.s3.put_object(Bucket=bucket, Key=key, Body=secrets.token_bytes(_OBJECT_BYTES))


def create_rows(connection: psycopg.Connection) -> None:
    """Create a table with rows, whatever of it is missing."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS stories ("
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL UNIQUE, "
        "created_at timestamptz NOT NULL DEFAULT now())"
    )
    for title in _STORIES:
        connection.execute("INSERT INTO stories (title) VALUES (%s) ON CONFLICT DO NOTHING", [title])
