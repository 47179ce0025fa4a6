//! Doc comments, as the descriptions that a client shows.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The documentation of a function or of a parameter.
#[derive(Default)]
pub(crate) struct Doc {
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    /// `#[doc = include_str!("..")]` and the like, known to the compiler only.
    Macro(Expr),
}

impl Doc {
    pub(crate) fn new(attrs: &[Attribute]) -> Self {
        Self {
            parts: attrs.iter().filter_map(Part::new).collect(),
        }
    }

    /// A constant expression of type `&'static str`; `None` where nothing is written.
    pub(crate) fn expr(&self) -> Option<TokenStream> {
        if let Some(text) = self.text() {
            return (!text.is_empty()).then(|| quote!(#text));
        }
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => quote!(#text),
            Part::Macro(expr) => quote!(#expr),
        });
        Some(quote!(::core::concat!(#(#parts, "\n"),*).trim_ascii()))
    }

    /// The text, unless a part of it is known to the compiler only.
    fn text(&self) -> Option<String> {
        let lines: Option<Vec<&str>> = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Macro(_) => None,
            })
            .collect();
        Some(lines?.join("\n").trim().to_owned())
    }
}

impl Part {
    fn new(attr: &Attribute) -> Option<Self> {
        let Meta::NameValue(meta) = &attr.meta else {
            return None; // `#[doc(hidden)]`
        };
        if !meta.path.is_ident("doc") {
            return None;
        }
        Some(match &meta.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Self::Text(unindent(&text.value())),
            expr => Self::Macro(expr.clone()),
        })
    }
}

/// Removes what belongs to the comment rather than to its text: one leading space of every line,
/// and the column of stars of a block comment.
fn unindent(comment: &str) -> String {
    let starred = comment.contains('\n')
        && comment
            .lines()
            .skip(1)
            .map(str::trim_start)
            .all(|line| line.is_empty() || line.starts_with('*'));
    let lines: Vec<&str> = comment
        .lines()
        .enumerate()
        .map(|(number, line)| {
            let line = match line.trim_start().strip_prefix('*') {
                Some(rest) if starred && number > 0 => rest,
                _ => line,
            };
            line.strip_prefix(' ').unwrap_or(line).trim_end()
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn text(attrs: &[Attribute]) -> String {
        Doc::new(attrs).text().unwrap()
    }

    #[test]
    fn lines_keep_their_breaks_and_lose_one_space() {
        let attrs: Vec<Attribute> = vec![
            parse_quote!(#[doc = " Add two numbers."]),
            parse_quote!(#[doc = ""]),
            parse_quote!(#[doc = "   * indented"]),
            parse_quote!(#[doc = " "]),
        ];
        assert_eq!(text(&attrs), "Add two numbers.\n\n  * indented");
    }

    #[test]
    fn a_block_comment_loses_its_stars() {
        let attrs =
            [parse_quote!(#[doc = " Add.\n     * Two numbers.\n     *\n     * Or more.\n     "])];
        assert_eq!(text(&attrs), "Add.\nTwo numbers.\n\nOr more.");
    }

    #[test]
    fn a_list_in_a_block_comment_keeps_its_stars() {
        let attrs = [parse_quote!(#[doc = " Add:\n * one\n and two\n"])];
        assert_eq!(text(&attrs), "Add:\n* one\nand two");
    }

    #[test]
    fn other_attributes_are_no_text() {
        let attrs = [
            parse_quote!(#[doc(hidden)]),
            parse_quote!(#[allow(dead_code)]),
        ];
        assert!(Doc::new(&attrs).expr().is_none());
    }

    #[test]
    fn an_included_file_is_left_to_the_compiler() {
        let attrs = [
            parse_quote!(#[doc = " Add."]),
            parse_quote!(#[doc = include_str!("add.md")]),
        ];
        let expr = Doc::new(&attrs).expr().unwrap().to_string();
        assert!(expr.contains("concat"), "{expr}");
        assert!(expr.contains("include_str"), "{expr}");
    }
}
