//! Rules that `#[schemars(..)]` publishes and the generated code enforces.

use proc_macro2::Span;
use quote::ToTokens;
use regex_lite::Regex;
use syn::{
    Error, Expr, ExprLit, ExprUnary, Lit, LitStr, Meta, MetaList, MetaNameValue, Path, Result,
    Token, UnOp, punctuated::Punctuated, spanned::Spanned,
};

/// One rule for the value of an argument.
pub(crate) struct Rule {
    /// Where the rule stands, for messages about the types it applies to.
    pub(crate) span: Span,
    pub(crate) kind: RuleKind,
}

pub(crate) enum RuleKind {
    Range {
        min: Option<Bound>,
        max: Option<Bound>,
    },
    Length {
        min: Option<Expr>,
        max: Option<Expr>,
    },
    Pattern(LitStr),
}

/// An end of a range.
pub(crate) enum Bound {
    Int(i128),
    Float(f64),
    /// Known to the compiler only.
    Expr(Expr),
}

impl Rule {
    /// `None` where `meta` is no rule.
    pub(super) fn parse(meta: &Meta) -> Result<Option<Self>> {
        let Meta::List(list) = meta else {
            return Ok(None);
        };
        let kind = if list.path.is_ident("range") {
            let [min, max] = limits(list)?.map(|limit| limit.map(Bound::new));
            if let (Some(min), Some(max)) = (&min, &max) {
                refuse_empty(list, min, max)?;
            }
            RuleKind::Range { min, max }
        } else if list.path.is_ident("length") {
            let [min, max] = limits(list)?;
            if let (Some(min), Some(max)) = (&min, &max) {
                refuse_empty(list, &Bound::new(min.clone()), &Bound::new(max.clone()))?;
            }
            RuleKind::Length { min, max }
        } else if list.path.is_ident("regex") {
            let pair: MetaNameValue = list.parse_args()?;
            RuleKind::Pattern(pattern(pair.value)?)
        } else if list.path.is_ident("pattern") {
            RuleKind::Pattern(pattern(list.parse_args()?)?)
        } else {
            return Ok(None);
        };
        Ok(Some(Self {
            span: list.path.span(),
            kind,
        }))
    }
}

impl Bound {
    fn new(expr: Expr) -> Self {
        Self::literal(&expr).unwrap_or(Self::Expr(expr))
    }

    fn literal(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::Lit(ExprLit {
                lit: Lit::Int(int), ..
            }) => int.base10_parse().ok().map(Self::Int),
            Expr::Lit(ExprLit {
                lit: Lit::Float(float),
                ..
            }) => float.base10_parse().ok().map(Self::Float),
            Expr::Unary(ExprUnary {
                op: UnOp::Neg(_),
                expr,
                ..
            }) => match Self::literal(expr)? {
                Self::Int(int) => Some(Self::Int(-int)),
                Self::Float(float) => Some(Self::Float(-float)),
                Self::Expr(_) => None,
            },
            _ => None,
        }
    }

    /// Whether this is known to lie above `other`.
    fn exceeds(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(this), Self::Int(other)) => this > other,
            (Self::Int(this), Self::Float(other)) => *this as f64 > *other,
            (Self::Float(this), Self::Int(other)) => *this > *other as f64,
            (Self::Float(this), Self::Float(other)) => this > other,
            (Self::Expr(_), _) | (_, Self::Expr(_)) => false,
        }
    }
}

/// `min = .., max = ..`, or `equal = ..` for both.
fn limits(list: &MetaList) -> Result<[Option<Expr>; 2]> {
    let (mut min, mut max) = (None, None);
    for pair in list.parse_args_with(Punctuated::<MetaNameValue, Token![,]>::parse_terminated)? {
        let limit = unquote(pair.value)?;
        if pair.path.is_ident("min") {
            min = Some(limit);
        } else if pair.path.is_ident("max") {
            max = Some(limit);
        } else if pair.path.is_ident("equal") {
            min = Some(limit.clone());
            max = Some(limit);
        } else {
            return Err(unknown_limit(&pair.path));
        }
    }
    Ok([min, max])
}

/// schemars reads the text of a string as an expression.
fn unquote(expr: Expr) -> Result<Expr> {
    match &expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => text.parse(),
        _ => Ok(expr),
    }
}

fn pattern(expr: Expr) -> Result<LitStr> {
    let Expr::Lit(ExprLit {
        lit: Lit::Str(literal),
        ..
    }) = expr
    else {
        return Err(Error::new_spanned(
            expr,
            "the pattern of an argument is a string literal, so that the argument can be checked",
        ));
    };
    match Regex::new(&literal.value()) {
        Ok(_) => Ok(literal),
        Err(error) => Err(Error::new(
            literal.span(),
            format_args!("this pattern is no regular expression: {error}"),
        )),
    }
}

fn refuse_empty(list: &MetaList, min: &Bound, max: &Bound) -> Result<()> {
    if min.exceeds(max) {
        return Err(Error::new_spanned(
            list,
            "no value satisfies this: `min` is greater than `max`",
        ));
    }
    Ok(())
}

fn unknown_limit(path: &Path) -> Error {
    Error::new_spanned(
        path,
        format_args!(
            "unknown limit `{}`, expected one of: `min`, `max`, `equal`",
            path.to_token_stream()
        ),
    )
}
