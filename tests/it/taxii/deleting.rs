//! DELETE: who may, what is gone then, and what posting it again does. Recalls are another thing.

use super::corner::{Who, get};
use super::world::{MALWARE, VERSIONS, World, versioned};
use serde_json::Value;
use world_tests::stix::{indicator, indicator_id};
use world_tests::turn;

/// SPEC: TAXII 2.1 §5.7: the one place where 403 and 404 are told apart by rights.
#[test]
fn the_matrix_of_rights_decides() {
    let _turn = turn::shared();
    let mut world = World::new();
    let path = format!("{{c}}objects/{MALWARE}/");
    let matrix = [
        ("neither reads nor writes", Who::Stranger, 404),
        ("reads only", Who::Reader, 403),
        ("writes only", Who::Writer, 403),
        ("nobody", Who::Nobody, 401),
        ("reads and writes", Who::Both, 200),
        ("once more", Who::Both, 404),
    ];
    for (name, who, status) in matrix {
        let corner = get(name, &path).method("DELETE").by(who).says(status);
        let reply = world.ask(&corner);
        assert_eq!(corner.faults(&reply), Vec::<String>::new());
        assert!(status != 200 || reply.body.is_empty(), "200 has no payload");
    }
    world.check(
        "deleted",
        &[
            get("the object", &path).says(404),
            get("its versions", &format!("{path}versions/")).says(404),
            get("the objects", "{c}objects/?match[version]=all").lacks(MALWARE),
            get("the manifest", "{c}manifest/?match[version]=all").lacks(MALWARE),
            get("by its id", &format!("{{c}}objects/?match[id]={MALWARE}")).is("{}"),
            get("for the reader too", &path).by(Who::Reader).says(404),
            get("nothing to delete", "{c}objects/tool--00000000-0000-4000-8000-000000000000/")
                .method("DELETE")
                .says(404),
            get("no id to delete", "{c}objects/nothing/").method("DELETE").says(404),
            get("malformed", &path).method("DELETE").with("Accept", "text/html").says(406),
        ],
    );
}

#[test]
fn one_version_is_deleted_and_the_others_stay() {
    let _turn = turn::shared();
    let mut world = World::new();
    let path = format!("{{c}}objects/{}/", versioned());
    let last = format!("{path}?match[version]={}", VERSIONS[2]);
    let steps = [
        get("a bad version", &format!("{path}?match[version]=x")).method("DELETE").says(400),
        get("no such version", &format!("{path}?match[version]=1999-01-01T00:00:00Z"))
            .method("DELETE")
            .says(404),
        get("the last version", &last).method("DELETE"),
        get("the one before is the last now", &path).contains(VERSIONS[1]).lacks(VERSIONS[2]),
        get("two are left", &format!("{path}versions/")).count("versions", 2),
        get("all that are left", &path).method("DELETE"),
        get("nothing is left", &path).says(404),
    ];
    world.check("versions deleted", &steps);
}

#[test]
fn what_another_token_posted_is_not_mine_to_delete() {
    let _turn = turn::shared();
    let mut world = World::new();
    world.posts(Who::Writer, &[indicator(0xc, 1, "theirs.example")]);
    let path = format!("{{c}}objects/{}/", indicator_id(0xc, 1));
    world.check(
        "not mine",
        &[
            get("it is not mine", &path).method("DELETE").says(403),
            get("and it is still here", &path).count("objects", 1),
        ],
    );
}

#[test]
fn what_is_posted_again_is_numbered_anew() {
    let _turn = turn::shared();
    let mut world = World::new();
    let object = indicator(0xc, 2, "again.example");
    let path = format!("{{c}}manifest/?match[id]={}", indicator_id(0xc, 2));
    let date = |world: &mut World| {
        world
            .gets(&path)
            .json()
            .pointer("/objects/0/date_added")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    world.posts(Who::Both, std::slice::from_ref(&object));
    let before = date(&mut world);
    let delete = get("", &format!("{{c}}objects/{}/", indicator_id(0xc, 2))).method("DELETE");
    assert_eq!(world.ask(&delete).status, 200);
    assert_eq!(date(&mut world), None);
    world.posts(Who::Both, &[object]);
    let after = date(&mut world);
    assert!(before.is_some() && before < after, "{before:?} {after:?}");
}
