//! Attributes on a parameter: `#[serde(..)]`, `#[schemars(..)]` and `#[mcp(..)]`.

mod rule;

use syn::{
    Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Meta, MetaList, Path, Result, Token,
    parse::ParseStream, punctuated::Punctuated,
};

pub(crate) use self::rule::{Bound, Rule, RuleKind};
use super::{duplicate, separator, unknown, value};
use crate::errors::Errors;

/// The key of a schema that names the header an argument is repeated in.
const HEADER_KEYWORD: &str = "x-mcp-header";

/// What is written above a parameter.
#[derive(Default)]
pub(crate) struct ParameterAttributes {
    pub(crate) docs: Vec<Attribute>,
    /// `#[serde(..)]` and `#[schemars(..)]`, for the derives.
    pub(crate) derived: Vec<Attribute>,
    /// The first attribute that only an argument can carry.
    pub(crate) argument: Option<Path>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) header: Option<LitStr>,
    /// What suggests values.
    pub(crate) complete: Option<Expr>,
    pub(crate) rules: Vec<Rule>,
}

impl ParameterAttributes {
    /// Takes the attributes that the compiler would not know; the others stay.
    pub(crate) fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut taken = Self::default();
        for attr in std::mem::take(attrs) {
            let path = attr.path();
            let result = if path.is_ident("doc") {
                taken.docs.push(attr);
                continue;
            } else if path.is_ident("serde") {
                taken.read_metas(&attr, Self::read_serde)
            } else if path.is_ident("schemars") {
                taken.read_metas(&attr, Self::read_schemars)
            } else if path.is_ident("mcp") {
                attr.parse_args_with(|input: ParseStream<'_>| taken.read_mcp(input))
            } else {
                if path.is_ident("cfg") || path.is_ident("cfg_attr") {
                    errors.at(&attr, "a parameter cannot be conditional; the function can");
                }
                attrs.push(attr);
                continue;
            };
            errors.keep(result);
            taken.argument.get_or_insert_with(|| attr.path().clone());
            if !attr.path().is_ident("mcp") {
                taken.derived.push(attr);
            }
        }
        taken
    }

    fn read_metas(
        &mut self,
        attr: &Attribute,
        read: impl Fn(&mut Self, &Meta) -> Result<()>,
    ) -> Result<()> {
        let mut errors = Errors::default();
        for meta in attr.parse_args_with(metas)? {
            errors.keep(read(self, &meta));
        }
        errors.finish()
    }

    fn read_serde(&mut self, meta: &Meta) -> Result<()> {
        refuse_struct_only(meta)?;
        let path = meta.path();
        if path.is_ident("rename") {
            self.rename = wire_name(meta)?.or(self.rename.take());
        } else if path.is_ident("alias") {
            self.aliases.extend(string(meta)?.cloned());
        }
        Ok(())
    }

    fn read_schemars(&mut self, meta: &Meta) -> Result<()> {
        refuse_struct_only(meta)?;
        if let Some(rule) = Rule::parse(meta)? {
            self.rules.push(rule);
        }
        let path = meta.path();
        for key in ["rename", "alias", "default"] {
            if path.is_ident(key) {
                return Err(Error::new_spanned(
                    path,
                    format_args!(
                        "this changes the schema and not what is read: \
                         move `{key}` to `#[serde(..)]`, which changes both"
                    ),
                ));
            }
        }
        match meta {
            Meta::List(list) if path.is_ident("extend") => self.read_extend(list),
            _ => Ok(()),
        }
    }

    fn read_extend(&mut self, list: &MetaList) -> Result<()> {
        list.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                let key: LitStr = input.parse()?;
                let expr: Expr = value(input)?;
                if key.value() == HEADER_KEYWORD {
                    let Expr::Lit(ExprLit {
                        lit: Lit::Str(header),
                        ..
                    }) = expr
                    else {
                        return Err(Error::new_spanned(expr, "expected a string literal"));
                    };
                    self.set_header(header)?;
                }
                separator(input)?;
            }
            Ok(())
        })
    }

    fn read_mcp(&mut self, input: ParseStream<'_>) -> Result<()> {
        while !input.is_empty() {
            let ident: Ident = input.parse()?;
            if ident == "header" {
                self.set_header(value(input)?)?;
            } else if ident == "complete" {
                if self.complete.replace(value(input)?).is_some() {
                    return Err(duplicate("key", &ident));
                }
            } else {
                return Err(unknown("key", &ident, &["header", "complete"]));
            }
            separator(input)?;
        }
        Ok(())
    }

    fn set_header(&mut self, header: LitStr) -> Result<()> {
        if self.header.is_some() {
            return Err(Error::new(
                header.span(),
                "an argument is repeated in one header",
            ));
        }
        self.header = Some(header);
        Ok(())
    }
}

/// A list of attribute items; `!item`, with which schemars unsets one, is passed over.
fn metas(input: ParseStream<'_>) -> Result<Vec<Meta>> {
    let mut metas = Vec::new();
    while !input.is_empty() {
        if input.parse::<Option<Token![!]>>()?.is_some() {
            input.call(Path::parse_mod_style)?;
        } else {
            metas.push(input.parse()?);
        }
        separator(input)?;
    }
    Ok(metas)
}

/// Refuses what makes sense for one field among others only.
fn refuse_struct_only(meta: &Meta) -> Result<()> {
    let path = meta.path();
    let Some(ident) = path.get_ident().map(Ident::to_string) else {
        return Ok(());
    };
    let why = match ident.as_str() {
        "flatten" => "a parameter is one argument",
        skip if skip.starts_with("skip") => "an argument is always read",
        _ => return Ok(()),
    };
    Err(Error::new_spanned(
        path,
        format_args!("{why}: for `{ident}`, put the arguments in a struct and take `Args<T>`"),
    ))
}

/// The name that `rename = ".."` or `rename(deserialize = "..")` gives.
fn wire_name(meta: &Meta) -> Result<Option<LitStr>> {
    let Meta::List(list) = meta else {
        return string(meta).map(Option::<&LitStr>::cloned);
    };
    let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
    match metas
        .iter()
        .find(|meta| meta.path().is_ident("deserialize"))
    {
        Some(meta) => string(meta).map(Option::<&LitStr>::cloned),
        None => Ok(None),
    }
}

/// The literal in `key = ".."`; what else may stand there is left to the derives.
fn string(meta: &Meta) -> Result<Option<&LitStr>> {
    Ok(match &meta.require_name_value()?.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(literal),
            ..
        }) => Some(literal),
        _ => None,
    })
}
