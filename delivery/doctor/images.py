"""Each application's image in the registry: a tag that was never pushed leaves pods waiting forever."""

from collections.abc import Iterator
from functools import partial

from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, Once, fine, in_the_way, not_seen, note
from delivery.images.registry import ImageRegistry, NoEcrError, NoImageError, NoRepositoryError
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.formats import is_immutable

_SHOWN = 3


def facts(examination: Examination) -> Iterator[Fact]:
    """The image of each application."""
    registry = Once(lambda: ImageRegistry(examination.target.session, examination.target.shared))
    for field, application in APPLICATION_OF_FIELD.items():
        image = examination.target.environment.images[field]
        yield Fact(
            name=f"image of {application.name}",
            settings=f"{application.repository}{image.reference}",
            read=partial(_image, examination, registry, field),
            quick=True,
        )


def _image(examination: Examination, registry: Once[ImageRegistry], field: str) -> Finding:
    image, repository = examination.target.environment.images[field], APPLICATION_OF_FIELD[field].repository
    try:
        found = registry().find(repository, image)
    except NoEcrError as error:
        return not_seen(str(error))
    except NoRepositoryError:
        return in_the_way(
            f"there is no repository {repository}",
            f"aws ecr create-repository --repository-name {repository}, and push; or image_registry in "
            "environments/shared.py",
        )
    except NoImageError:
        return _absent(examination, registry(), field, repository)
    # With both set, the digest determines what runs.
    if image.digest and image.tag and image.tag not in found.tags:
        return note(f"the digest exists, under {', '.join(found.tags) or 'no tag'}; it decides what runs")
    return fine(f"exists, pushed {found.pushed_at:%Y-%m-%d}")


def _absent(examination: Examination, registry: ImageRegistry, field: str, repository: str) -> Finding:
    protected = examination.target.environment.protected
    tags = [
        found.tag
        for found in registry.tags(repository)
        if found.tag != "latest" and (is_immutable(found.tag) or not protected)
    ]
    if not tags:
        return in_the_way("it was never pushed, and no other tag fits", f"push it to {repository}")
    newest = tags[:_SHOWN]
    return in_the_way(
        f"it was never pushed; the newest tags that fit: {', '.join(newest)}",
        f'{field}=Workload(image=Image(tag="{newest[0]}"), ...) in {examination.environment_file}, or push it',
    )
