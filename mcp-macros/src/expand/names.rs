//! Items of `private` whose names differ between the kinds.

use quote::format_ident;
use syn::Ident;

use crate::kind::Kind;

pub(crate) struct Names {
    /// The trait that describes a function, the method that does, and what it returns.
    pub(crate) marker: Ident,
    pub(crate) definition: Ident,
    pub(crate) item: Ident,
    /// The trait that calls a function, what comes out, and how an output becomes that.
    pub(crate) handler: Ident,
    pub(crate) result: Ident,
    pub(crate) convert: Ident,
}

impl Names {
    pub(crate) fn of(kind: Kind) -> Self {
        let (word, item, result, convert) = match kind {
            Kind::Tool => ("Tool", "Tool", "ToolResult", "tool_result"),
            Kind::Prompt => ("Prompt", "Prompt", "PromptResult", "prompt_result"),
            Kind::Resource => ("Resource", "ResourceItem", "ReadResult", "read_result"),
        };
        Self {
            marker: format_ident!("{word}Marker"),
            definition: format_ident!("{}", kind.as_str()),
            item: format_ident!("{item}"),
            handler: format_ident!("{word}Handler"),
            result: format_ident!("{result}"),
            convert: format_ident!("{convert}"),
        }
    }
}
