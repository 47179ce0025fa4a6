//! What becomes of the documents beside this file.

use serde_json::{Value, json};

/// What is said of a tool by its server, and what it says itself.
#[derive(Clone)]
pub(super) struct Expected {
    pub(super) name: &'static str,
    /// Its `inputSchema`.
    pub(super) takes: Value,
    pub(super) good: Value,
    /// Its answer to good arguments.
    pub(super) answers: Value,
    /// Other arguments, and how what is wrong with them is told.
    pub(super) bad: Vec<(Value, &'static str)>,
}

/// Of `bookings.json`.
pub(super) fn bookings() -> Vec<Expected> {
    [rooms(), booked(), changes(), guests()].concat()
}

/// Of `parcels.json`.
pub(super) fn parcels() -> Vec<Expected> {
    [tracking(), sortings()].concat()
}

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const ID: &str = "00000000-0000-4000-8000-000000000000";

fn rooms() -> Vec<Expected> {
    vec![
        Expected {
            name: "listRooms",
            takes: json!({"type": "object", "required": ["from"], "properties": {
                "from": {"type": "string", "format": "date", "description": "The first night"},
                "type": {"type": "array", "items": {"type": "string", "enum": ["single", "double"]}},
                "limit": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "default": 20},
                "X-Request-ID": {"type": "string", "examples": ["r-1"]}}}),
            good: json!({"from": "2026-12-24", "type": ["double"], "limit": 5, "X-Request-ID": "a"}),
            answers: json!({"rooms": [{"number": 12, "type": "double",
                "price": {"amount": "89.00", "currency": "EUR"}}], "next": null}),
            bad: vec![
                (json!({}), "Invalid params: missing required field 'from'"),
                (
                    json!({"from": "2026-12-24", "limit": 0}),
                    "Invalid params: /limit: ",
                ),
                (
                    json!({"from": "2026-12-24", "type": ["suite"]}),
                    "Invalid params: /type/0: ",
                ),
            ],
        },
        Expected {
            name: "put_rooms_number_photo",
            takes: json!({"type": "object", "required": ["number", "body"], "properties": {
                "number": {"type": "integer", "exclusiveMinimum": 0},
                "body": {"type": "string", "format": "binary", "description": "The picture"}}}),
            good: json!({"number": 12, "body": "iVBORw0KGgo="}),
            answers: json!("The photo is shown"),
            bad: vec![
                (
                    json!({"number": 12}),
                    "Invalid params: missing required field 'body'",
                ),
                (
                    json!({"number": 0, "body": ""}),
                    "Invalid params: /number: ",
                ),
            ],
        },
    ]
}

fn booked() -> Vec<Expected> {
    let booking_id = json!({"type": "string", "format": "uuid"});
    vec![
        Expected {
            name: "createBooking",
            takes: json!({"type": "object", "required": ["room", "nights", "guest"], "properties": {
                "room": {"type": "integer"},
                "nights": {"type": "integer", "minimum": 1, "maximum": 30},
                "guest": {"type": "object", "required": ["name"], "properties": {
                    "name": {"type": "string", "minLength": 1}, "phone": {"type": ["string", "null"]}}},
                "extras": {"type": "object", "additionalProperties": {"type": "integer"}}}}),
            good: json!({"room": 12, "nights": 2, "guest": {"name": "Ada", "phone": null}, "extras": {"towels": 3}}),
            answers: json!({"id": ID, "room": 0, "nights": 1, "guest": {"name": "string", "phone": "string"},
                "extras": {}, "status": "open"}),
            bad: vec![
                (
                    json!({"room": 12, "guest": {"name": "Ada"}}),
                    "Invalid params: missing required field 'nights'",
                ),
                (
                    json!({"room": 12, "nights": 2, "guest": {}}),
                    "Invalid params: missing required field 'name'",
                ),
                (
                    json!({"room": 12, "nights": 2, "guest": {"name": "A"}, "extras": {"towels": "x"}}),
                    "Invalid params: /extras/towels: ",
                ),
            ],
        },
        Expected {
            name: "bookings.get",
            takes: json!({"type": "object", "required": ["booking-id"], "properties": {"booking-id": booking_id}}),
            good: json!({"booking-id": ID}),
            answers: json!({"id": "7f2c", "room": 12, "nights": 2, "guest": {"name": "Ada"}, "status": "open"}),
            bad: vec![(json!({"booking-id": 7}), "Invalid params: /booking-id: ")],
        },
    ]
}

fn changes() -> Vec<Expected> {
    let booking_id = json!({"type": "string", "format": "uuid"});
    vec![
        Expected {
            name: "change_booking",
            takes: json!({"type": "object", "required": ["booking-id", "body"], "properties": {
                "booking-id": booking_id,
                "body": {"type": "object", "minProperties": 1, "additionalProperties": false, "properties": {
                    "nights": {"type": "integer", "minimum": 1}, "notes": {"type": ["string", "null"]}}}}}),
            good: json!({"booking-id": ID, "body": {"notes": null}}),
            answers: json!({"changed": true}),
            bad: vec![
                (
                    json!({"booking-id": ID}),
                    "Invalid params: missing required field 'body'",
                ),
                (
                    json!({"booking-id": ID, "body": {}}),
                    "Invalid params: /body: ",
                ),
                (
                    json!({"booking-id": ID, "body": {"night": 1}}),
                    "Invalid params: /body",
                ),
            ],
        },
        Expected {
            name: "cancelBooking",
            takes: json!({"type": "object", "required": ["booking-id"], "properties": {"booking-id": booking_id}}),
            good: json!({"booking-id": ID}),
            answers: json!("It is cancelled"),
            bad: vec![(
                json!({}),
                "Invalid params: missing required field 'booking-id'",
            )],
        },
        Expected {
            name: "pay",
            takes: json!({"type": "object", "required": ["booking-id", "body"], "properties": {
                "booking-id": booking_id,
                "body": {"oneOf": [
                    {"type": "object", "required": ["kind", "number"], "properties": {
                        "kind": {"type": "string", "enum": ["card"]}, "number": {"type": "string"}}},
                    {"type": "object", "required": ["kind", "iban"], "properties": {
                        "kind": {"type": "string", "enum": ["transfer"]}, "iban": {"type": "string"}}}]}}}),
            good: json!({"booking-id": ID, "body": {"kind": "transfer", "iban": "AT61"}}),
            answers: json!({"amount": "89.00", "currency": "EUR", "paid": true}),
            bad: vec![(
                json!({"booking-id": ID, "body": {"kind": "card"}}),
                "Invalid params: /body: ",
            )],
        },
    ]
}

/// What needs care: a pattern that takes more than linear time, and braces of somebody else's.
fn guests() -> Vec<Expected> {
    vec![
        Expected {
            name: "addGuest",
            takes: json!({"type": "object", "required": ["email", "password"], "properties": {
                "email": {"type": "string", "format": "email", "pattern": "^[^@]+@[^@]+$"},
                "password": {"type": "string", "writeOnly": true, "minLength": 8,
                    "$comment": "not checked: the pattern ^(?=.*[0-9])(?=.*[a-z]).*$"}}}),
            good: json!({"email": "ada@example.com", "password": "correct horse"}),
            answers: json!({"email": "name@example.com", "since": "2026-01-01T12:00:00Z"}),
            bad: vec![
                (
                    json!({"email": "ada", "password": "correct horse"}),
                    "Invalid params: /email: ",
                ),
                (
                    json!({"email": "a@b", "password": "horse"}),
                    "Invalid params: /password: ",
                ),
            ],
        },
        Expected {
            name: "welcomeLetter",
            takes: json!({"type": "object", "properties": {}}),
            good: json!({}),
            answers: json!({"subject": "Welcome, {{guest}}", "size": "{{{width}}"}),
            bad: vec![],
        },
    ]
}

fn grams() -> Value {
    json!({"type": "number", "exclusiveMinimum": 0, "maximum": 31500, "examples": [1250]})
}

fn tracking() -> Vec<Expected> {
    let grams = grams();
    let address = json!({"type": "object", "required": ["city"], "properties": {
        "city": {"type": "string"}, "zip": {"type": "string"}, "street": {"type": "string"}},
        "dependentRequired": {"street": ["zip"]}});
    let sent = json!({"to": {"city": "string", "zip": "string", "street": "string"}, "weight": 1250,
        "insured": true, "note": "string", "code": "AT0042", "state": "sent"});
    vec![
        Expected {
            name: "track",
            takes: json!({"$schema": DIALECT, "type": "object", "required": ["code"], "properties": {
                "code": {"type": "string", "pattern": "^[A-Z]{2}\\d{4}$"},
                "near": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "items": false},
                "lang": {"type": ["string", "null"], "enum": ["de", "en", null]}}}),
            good: json!({"code": "AT0042", "near": [48.2, 16.4], "lang": null}),
            answers: sent.clone(),
            bad: vec![
                (json!({"code": "42"}), "Invalid params: /code: "),
                (
                    json!({"code": "AT0042", "near": [48.2, "east"]}),
                    "Invalid params: /near/1: ",
                ),
                (
                    json!({"code": "AT0042", "near": [48.2, 16.4, 3]}),
                    "Invalid params: /near",
                ),
                (
                    json!({"code": "AT0042", "lang": "fr"}),
                    "Invalid params: /lang: ",
                ),
            ],
        },
        Expected {
            name: "send",
            takes: json!({"$schema": DIALECT, "type": "object", "required": ["to", "weight"], "properties": {
                "to": {"description": "Who gets it", "allOf": [address]},
                "weight": grams, "insured": {"const": true},
                "note": {"type": ["string", "null"], "maxLength": 20}},
                "additionalProperties": false}),
            good: json!({"to": {"city": "Graz"}, "weight": 0.5, "note": null}),
            answers: sent,
            bad: vec![
                (
                    json!({"weight": 1}),
                    "Invalid params: missing required field 'to'",
                ),
                (
                    json!({"to": {"city": "Graz"}, "weight": 0}),
                    "Invalid params: /weight: ",
                ),
                (
                    json!({"to": {"city": "Graz", "street": "Murgasse 1"}, "weight": 1}),
                    "Invalid params: ",
                ),
                (
                    json!({"to": {"city": "Graz"}, "weight": 1, "colour": "red"}),
                    "Invalid params: ",
                ),
            ],
        },
    ]
}

fn sortings() -> Vec<Expected> {
    let grams = grams();
    let bin = json!({"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string"}, "bins": {"type": "array", "items": {"$ref": "#/$defs/Bin"}}}});
    vec![
        Expected {
            name: "quote",
            takes: json!({"$schema": DIALECT, "type": "object", "properties": {
                "body": {"type": "object", "required": ["weight"], "properties": {"weight": grams}}}}),
            good: json!({}),
            answers: json!("4.90 EUR"),
            bad: vec![(
                json!({"body": {}}),
                "Invalid params: missing required field 'weight'",
            )],
        },
        Expected {
            name: "sort",
            takes: json!({"$schema": DIALECT, "type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "bins": {"type": "array", "items": {"$ref": "#/$defs/Bin"}}},
                "$defs": {"Bin": bin}}),
            good: json!({"name": "a", "bins": [{"name": "b", "bins": []}]}),
            answers: json!({"name": "string", "bins": []}),
            bad: vec![(
                json!({"name": "a", "bins": [{"bins": []}]}),
                "Invalid params: missing required field 'name'",
            )],
        },
    ]
}
