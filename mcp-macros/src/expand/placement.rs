//! Where the attributes of a function go once there are two functions.

use syn::{Attribute, Meta, Token, punctuated::Punctuated};

/// The attributes of a function, by what they are about.
#[derive(Default)]
pub(crate) struct Placement<'a> {
    /// What concerns the function as a whole: documentation, deprecation, levels of lints.
    pub(crate) shown: Vec<&'a Attribute>,
    /// What the body needs: everything else, `#[tracing::instrument]` for one.
    pub(crate) written: Vec<&'a Attribute>,
    /// `#[cfg(..)]`, which concerns every item of the output.
    pub(crate) conditions: Vec<&'a Attribute>,
}

impl<'a> Placement<'a> {
    pub(crate) fn of(attrs: &'a [Attribute]) -> Self {
        let mut placement = Self::default();
        for attr in attrs {
            let list = match Place::of(&attr.meta) {
                Place::Shown => &mut placement.shown,
                Place::Written => &mut placement.written,
                Place::Condition => &mut placement.conditions,
            };
            list.push(attr);
        }
        placement
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Shown,
    Written,
    Condition,
}

impl Place {
    fn of(meta: &Meta) -> Self {
        let Some(ident) = meta.path().get_ident() else {
            return Self::Written;
        };
        match ident.to_string().as_str() {
            "doc" | "deprecated" | "allow" | "expect" | "warn" | "deny" | "forbid" => Self::Shown,
            "cfg" => Self::Condition,
            "cfg_attr" => Self::of_conditional(meta).unwrap_or(Self::Written),
            _ => Self::Written,
        }
    }

    /// `cfg_attr(condition, attr, ..)` goes where all of its attributes go.
    fn of_conditional(meta: &Meta) -> Option<Self> {
        let list = meta.require_list().ok()?;
        let metas = list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .ok()?;
        let mut places = metas.iter().skip(1).map(Self::of);
        let first = places.next()?;
        places.all(|place| place == first).then_some(first)
    }
}
