//! Resources.

use super::hosted::ServerState;
use crate::design::ResourceDesign;
use mcp_tower::{
    Entry, RequestError,
    protocol::{ReadResult, ResourceItem},
};
use std::sync::Arc;

pub(super) fn entry(_: &Arc<ServerState>, design: &ResourceDesign) -> Entry<ResourceItem> {
    let item = ResourceItem::new(design.uri.clone(), design.name.clone());
    Entry::resource(item, |_, _, _| async {
        Ok::<_, RequestError>(ReadResult::default())
    })
}
