//! The JSON Schemas, and the tables of fields in the pages, compared with the code.

use serde_json::Value;

use super::docs::code;
use super::pages::{check_block, check_file, read, table};
use crate::export::schema;

fn pretty(schema: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(schema).expect("JSON"))
}

#[test]
fn schemas_are_the_ones_of_the_code() {
    check_file("docs/schema/lines.schema.json", &pretty(&schema::lines()));
    check_file(
        "docs/schema/inspect.schema.json",
        &pretty(&schema::report()),
    );
}

#[test]
fn fields_of_the_reading_report_are_documented() {
    let page = read("docs/lists.md");
    let schema = schema::report();
    let inner = schema["$defs"].as_object().expect("definitions").values();
    for object in inner.chain([&schema]) {
        for name in object["properties"].as_object().expect("properties").keys() {
            assert!(page.contains(&format!("| `{name}` |")), "{name}");
        }
    }
}

#[test]
fn schema_refuses_unknown_fields_words_and_events() {
    let validator = jsonschema::validator_for(&schema::lines()).expect("a schema");
    let line = |change: &dyn Fn(&mut Value)| {
        let mut line = serde_json::json!({
            "event": "device", "hwid": "a1", "mac": null, "hostname": "LT-1",
            "outcome": "failed", "reason": "not found", "call": 1, "http_status": 200,
            "user": "", "last_seen": null, "type": "", "group": "", "status": "compliant",
            "matched_by": null
        });
        change(&mut line);
        validator.is_valid(&line)
    };
    assert!(line(&|_| {}));
    assert!(!line(&|line| line["more"] = 1.into()));
    assert!(!line(&|line| line["outcome"] = "done".into()));
    assert!(!line(&|line| line["event"] = "devices".into()));
    assert!(!line(&|line| line["call"] = "1".into()));
    assert!(!line(&|line| {
        line.as_object_mut()
            .expect("an object")
            .remove("http_status");
    }));
}

/// The type of a property, in a word or two.
fn type_of(property: &Value) -> String {
    if let Some(options) = property["anyOf"].as_array() {
        let names: Vec<String> = options.iter().map(type_of).collect();
        return names.join(" or ");
    }
    if let Some(reference) = property["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return format!("object, {name}");
    }
    let types = match &property["type"] {
        Value::Array(types) => types.clone(),
        one => vec![one.clone()],
    };
    let names: Vec<&str> = types.iter().filter_map(Value::as_str).collect();
    let mut text = names.join(" or ");
    if let Some(values) = property["enum"].as_array() {
        let values: Vec<String> = values.iter().filter_map(Value::as_str).map(code).collect();
        text.push_str(&format!(": {}", values.join(", ")));
    }
    text
}

/// A heading, a sentence and a table of the properties of an object.
fn described(title: &str, object: &Value) -> String {
    let about = object["description"].as_str().unwrap_or_default();
    let properties = object["properties"].as_object().expect("properties");
    let rows = properties.iter().filter(|(name, _)| *name != "event");
    let rows = rows.map(|(name, property)| {
        let text = property["description"].as_str().unwrap_or_default();
        vec![code(name), type_of(property), text.replace('\n', " ")]
    });
    let table = table(&["field", "type", "meaning"], rows);
    format!("### {title}\n\n{}\n\n{table}\n", about.replace('\n', " "))
}

#[test]
fn fields_of_the_lines_are_documented() {
    let schema = schema::lines();
    let definitions = &schema["$defs"];
    let mut text = String::new();
    let events = ["Line", "VerificationLine"].map(|of| definitions[of]["oneOf"].as_array());
    for event in events
        .into_iter()
        .flat_map(|events| events.expect("events"))
    {
        let name = event["properties"]["event"]["const"]
            .as_str()
            .expect("a name");
        text.push_str(&described(&format!("`{name}`"), event));
    }
    let more = [
        ("People", "`people`"),
        ("RunLine", "A line of `runs`"),
        ("FoundLine", "A line of `runs find`"),
        ("TrendLine", "A line of `runs trend`"),
        ("VerificationFacts", "`verification` in a line of `runs`"),
        (
            "LicenceLine",
            "`licences`, `licences_before`, `licences_after`",
        ),
    ];
    for (name, title) in more {
        text.push_str(&described(title, &definitions[name]));
    }
    check_block("docs/automation.md", "lines", &text);
}
