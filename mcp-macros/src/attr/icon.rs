//! `icon(src = "..", mime_type = "..", sizes("48x48"), theme = "dark")`

use regex_lite::Regex;
use syn::{
    Error, Ident, LitStr, Result, Token,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use super::{duplicate, in_parens, separator, unknown, value};

const KNOWN: &[&str] = &["src", "mime_type", "sizes", "theme"];

pub(crate) struct Icon {
    pub(crate) src: LitStr,
    pub(crate) mime_type: Option<LitStr>,
    pub(crate) sizes: Vec<LitStr>,
    /// A variant of `IconTheme`.
    pub(crate) theme: Option<&'static str>,
}

impl Parse for Icon {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let span = input.span();
        in_parens(input, |content| {
            let (mut src, mut mime_type, mut sizes, mut theme) = (None, None, None, None);
            while !content.is_empty() {
                let ident: Ident = content.parse()?;
                let twice = match ident.to_string().as_str() {
                    "src" => src.replace(parse_src(content)?).is_some(),
                    "mime_type" => mime_type.replace(value(content)?).is_some(),
                    "sizes" => sizes.replace(parse_sizes(content)?).is_some(),
                    "theme" => theme.replace(parse_theme(content)?).is_some(),
                    _ => return Err(unknown("key", &ident, KNOWN)),
                };
                if twice {
                    return Err(duplicate("key", &ident));
                }
                separator(content)?;
            }
            let missing = || Error::new(span, "an icon needs its source: `src = \"https://..\"`");
            Ok(Self {
                src: src.ok_or_else(missing)?,
                mime_type,
                sizes: sizes.unwrap_or_default(),
                theme,
            })
        })
    }
}

fn parse_src(input: ParseStream<'_>) -> Result<LitStr> {
    let src: LitStr = value(input)?;
    let uri = src.value().to_ascii_lowercase();
    if ["https:", "http:", "data:"]
        .iter()
        .any(|scheme| uri.starts_with(scheme))
    {
        return Ok(src);
    }
    Err(Error::new(
        src.span(),
        "the source of an icon is an `https:`, `http:` or `data:` URI",
    ))
}

fn parse_sizes(input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    let sizes = in_parens(input, Punctuated::<LitStr, Token![,]>::parse_terminated)?;
    let valid = |size: &LitStr| {
        Regex::new(r"^(any|[1-9]\d*x[1-9]\d*)$").is_ok_and(|form| form.is_match(&size.value()))
    };
    match sizes.iter().find(|size| !valid(size)) {
        Some(size) => Err(Error::new(
            size.span(),
            "expected a size such as `48x48`, or `any`",
        )),
        None => Ok(sizes.into_iter().collect()),
    }
}

fn parse_theme(input: ParseStream<'_>) -> Result<&'static str> {
    let theme: LitStr = value(input)?;
    match theme.value().as_str() {
        "light" => Ok("Light"),
        "dark" => Ok("Dark"),
        _ => Err(Error::new(theme.span(), "expected `light` or `dark`")),
    }
}
