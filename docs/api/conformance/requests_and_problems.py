"""How every request is answered: keys, problems, filters, pages, versions, repeats."""

from uuid import uuid4

from client import Api, FaultError
from listed import scenario
from world import World


@scenario("openapi.json is public and every answer names its version", "Check the address.")
def document_is_public(world: World) -> None:
    answer = world.nobody.get("/openapi.json").expect(200)
    if not answer.body.get("openapi", "").startswith("3."):
        raise FaultError("this is no OpenAPI 3 document")
    if not world.api.get("/needs?pageSize=1").expect(200).headers.get("api-version"):
        raise FaultError("the header API-Version is missing")


@scenario("Without a key: 401 as a problem", "Send the key as 'Authorization: Bearer <key>'.")
def no_key(world: World) -> None:
    answer = world.nobody.get("/needs").expect_problem(401, "not_authenticated")
    if "www-authenticate" not in answer.headers:
        raise FaultError("401 must say how to authenticate (WWW-Authenticate)")


@scenario("With a wrong key: 401", "A key that was revoked answers the same: make a new one.")
def wrong_key(world: World) -> None:
    wrong = Api(world.api.url, "psd_000000000000_wrong")
    wrong.get("/needs").expect_problem(401)


@scenario("An unknown address and an unknown object: 404", "Leave out the slash at the end.")
def unknown_address(world: World) -> None:
    world.api.get("/nothing-here").expect_problem(404)
    world.api.get("/needs/").expect_problem(404)
    world.api.get(f"/needs/{uuid4()}").expect_problem(404, "not_found")


@scenario("An unknown filter is refused, never ignored", "Compare the key with openapi.json.")
def unknown_filter(world: World) -> None:
    world.api.get("/needs?munipality=x").expect_problem(
        400, "unknown_parameter", field="munipality"
    )


@scenario("A wrong value of a filter is refused", "Values stand in openapi.json.")
def wrong_filter_value(world: World) -> None:
    world.api.get("/needs?component=XYZ").expect_problem(400, field="component")


@scenario("An unknown field in a body is refused", "Compare the body with openapi.json.")
def unknown_field(world: World) -> None:
    body = world.participant_body() | {"bsn": "000000000"}
    world.api.post("/participants", body).expect_problem(400, "unknown_field", field="bsn")


@scenario("All faults of a body come at once", "Show the user every entry of `errors`.")
def all_faults(world: World) -> None:
    body = world.participant_body() | {"targetGroup": "?", "settlementDate": "1-2-2026"}
    answer = world.api.post("/participants", body)
    answer.expect_problem(400, field="targetGroup")
    answer.expect_problem(400, field="settlementDate")


@scenario("Only JSON, and only well-formed JSON", "Send Content-Type: application/json.")
def other_formats(world: World) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    world.api.call("POST", "/participants", headers=headers, raw=b"{not json").expect_problem(400)
    headers |= {"Content-Type": "text/xml", "Idempotency-Key": str(uuid4())}
    world.api.call("POST", "/participants", headers=headers, raw=b"<a/>").expect_problem(415)


@scenario("Pages follow each other without loss", "Follow `Link: rel=next`, or count pages.")
def pages(world: World) -> None:
    for _number in range(3):
        world.person()
    first = world.api.get("/needs?pageSize=2").expect(200)
    if 'rel="next"' not in first.headers.get("link", ""):
        raise FaultError("the header Link does not lead to the next page")
    if first.headers.get("total-count") != str(first.body["total"]):
        raise FaultError("Total-Count differs from total")
    second = world.api.get("/needs?pageSize=2&page=2").expect(200)
    both = [one["id"] for one in first.body["items"] + second.body["items"]]
    if len(first.body["items"]) != 2 or len(both) != len(set(both)):
        raise FaultError("an object stands on two pages")


@scenario("A page size out of bounds is refused", "Ask for at most the number in openapi.json.")
def page_bounds(world: World) -> None:
    world.api.get("/needs?pageSize=0").expect_problem(400, field="pageSize")
    world.api.get("/needs?pageSize=1000000").expect_problem(400, field="pageSize")


@scenario("What did not change is not sent again", "Keep the ETag and send If-None-Match.")
def not_modified(world: World) -> None:
    path = f"/participants/{world.person()['participant']['id']}"
    seen = world.api.get(path).expect(200).headers["etag"]
    world.api.get(path, If_None_Match=seen).expect(304)


@scenario("Sentences follow Accept-Language, codes never change", "Build on `code`, not `detail`.")
def languages(world: World) -> None:
    dutch = world.api.get("/needs?x=1", Accept_Language="nl").expect_problem(400).body
    english = world.api.get("/needs?x=1", Accept_Language="en").expect_problem(400).body
    if dutch["code"] != english["code"] or dutch["detail"] == english["detail"]:
        raise FaultError("the sentence must differ by language and the code must not")


@scenario("A POST without Idempotency-Key is refused", "Send a UUID per command.")
def key_missing(world: World) -> None:
    world.api.call("POST", "/participants", world.participant_body()).expect_problem(
        400, "idempotency_key_missing"
    )


@scenario("A repeated command happens once", "Repeat with the same key when no answer came.")
def replay(world: World) -> None:
    key, body = str(uuid4()), world.participant_body()
    first = world.api.post("/participants", body, key=key).expect(201)
    again = world.api.post("/participants", body, key=key).expect(201)
    if again.body["id"] != first.body["id"]:
        raise FaultError("the same command made two objects")
    if again.headers.get("idempotency-replayed") != "true":
        raise FaultError("the repeated answer must say Idempotency-Replayed: true")


@scenario("The same key with another body is refused", "A new command needs a new key.")
def key_reused(world: World) -> None:
    key = str(uuid4())
    world.api.post("/participants", world.participant_body(), key=key).expect(201)
    world.api.post("/participants", world.participant_body(), key=key).expect_problem(
        409, "idempotency_key_reused"
    )


@scenario("An own reference is unique", "Look the object up by its reference before you make it.")
def reference_unique(world: World) -> None:
    body = world.participant_body()
    world.api.made("/participants", body)
    answer = world.api.post("/participants", body)
    answer.expect(400, 409)
    if "reference_not_unique" not in {answer.body["code"], *answer.codes}:
        raise FaultError(
            f"expected reference_not_unique, got {answer.body['code']}, {answer.codes}"
        )
