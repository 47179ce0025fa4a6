use mcp_core::mcp_tool;

#[mcp_tool]
#[allow(clippy::too_many_arguments)]
async fn sum(
    p0: i64,
    p1: i64,
    p2: i64,
    p3: i64,
    p4: i64,
    p5: i64,
    p6: i64,
    p7: i64,
    p8: i64,
    p9: i64,
    p10: i64,
    p11: i64,
    p12: i64,
    p13: i64,
    p14: i64,
    p15: i64,
    p16: i64,
) -> i64 {
    [
        p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15, p16,
    ]
    .iter()
    .sum()
}

fn main() {}
