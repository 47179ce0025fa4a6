use super::*;
use serde::Deserialize;

const fn field(name: &'static str, description: &'static str) -> Field {
    Field {
        name,
        aliases: &[],
        description,
    }
}

fn finish(schema: InputSchema) -> String {
    schema.finish().unwrap().as_str().to_owned()
}

#[test]
fn options_are_optional_and_not_nullable() {
    let mut schema = InputSchema::new(false);
    schema.argument::<String>(&field("query", "Free text."));
    schema.argument::<Option<bool>>(&field("all", ""));
    let schema = finish(schema);
    // The order within one argument is that of `serde_json`, which an application may change.
    let query = [
        r#"{"description":"Free text.","type":"string"}"#,
        r#"{"type":"string","description":"Free text."}"#,
    ];
    let whole = query.map(|query| {
        format!(
            r#"{{"type":"object","properties":{{"query":{query},"all":{{"type":"boolean"}}}},"required":["query"],"additionalProperties":false}}"#
        )
    });
    assert!(whole.contains(&schema), "{schema}");
}

#[test]
fn nested_structs_are_inlined_and_not_nullable_either() {
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    enum Order {
        Asc,
        Desc,
    }
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Filter {
        year: Option<u16>,
        order: Option<Order>,
    }
    let mut schema = InputSchema::new(true);
    schema.argument::<Option<Filter>>(&field("filter", ""));
    let text = finish(schema);
    assert!(!text.contains("null") && !text.contains("$ref"), "{text}");
    assert!(text.contains(r#""enum":["Asc","Desc"]"#), "{text}");
    assert!(!text.contains("additionalProperties"), "{text}");
}

#[test]
fn integers_have_the_formats_that_validators_know() {
    #[derive(serde::Serialize, JsonSchema)]
    struct Sizes {
        small: u8,
        many: Vec<Option<usize>>,
        format: i64,
    }
    let _ = Sizes {
        small: 1,
        many: Vec::new(),
        format: 0,
    };
    let schema: Value = OutputSchema::of::<Sizes>().0.parse().unwrap();
    let properties = &schema["properties"];
    assert_eq!(
        properties["small"],
        json!({"type": "integer", "minimum": 0, "maximum": 255})
    );
    assert_eq!(properties["many"]["items"].get("format"), None, "{schema}");
    assert_eq!(
        properties["format"],
        json!({"type": "integer", "format": "int64"})
    );
}

#[test]
fn recursive_types_keep_their_definition() {
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    struct Node {
        children: Vec<Node>,
    }
    let mut schema = InputSchema::new(false);
    schema.argument::<Node>(&field("root", ""));
    let text = finish(schema);
    assert!(text.contains("$defs"), "{text}");
}

#[test]
fn a_struct_can_be_all_arguments() {
    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code)]
    /// Ignored.
    struct Search {
        query: String,
        #[serde(default)]
        limit: u8,
    }
    let mut schema = InputSchema::new(false);
    schema.all::<Search>();
    let value: Value = serde_json::from_str(&finish(schema)).unwrap();
    assert_eq!(value["required"], json!(["query"]));
    assert_eq!(value["properties"]["limit"]["default"], 0);
    assert_eq!(value["type"], "object");
    let mut schema = InputSchema::new(false);
    schema.all::<Search>();
    schema.argument::<u8>(&field("x", ""));
    assert_eq!(schema.finish().unwrap_err().len(), 1);
}
