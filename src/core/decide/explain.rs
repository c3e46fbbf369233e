//! Everything that bears on one item: its facts, each ailment, the hardlink block, guards, and each rule with each condition
//! and the value seen. The same judgements as in the decision, told instead of acted on.

mod ailments;
mod facts;
mod verdict;

pub use verdict::Verdict;

use super::context::{Context, Input};
use super::item::Item;
use super::rules::{Match, explained, matches};
use super::{decide, hardlinks, protect};
use crate::config::policy::{Action, Rule, RuleBody, Service};
use crate::core::facts::Wanted;
use crate::core::model::ItemId;
use crate::core::plan::Cause;
use crate::core::rules::{Explained, Outcome};
use crate::core::state::AccountState;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// The whole story of one item that is listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The item.
    pub item: ItemId,
    /// Its name.
    pub name: String,
    /// What a cycle would do with it now.
    pub verdict: Verdict,
    /// What is known of it, by name.
    #[serde(serialize_with = "as_object")]
    pub facts: Vec<(&'static str, String)>,
    /// Each ailment that its service has.
    pub ailments: Vec<AilmentTold>,
    /// Each guard, and whether it would hold a deletion back.
    #[serde(serialize_with = "as_object")]
    pub guards: Vec<(&'static str, String)>,
    /// Each rule of the account.
    pub rules: Vec<RuleTold>,
}

/// One ailment of one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AilmentTold {
    /// `errored`, `unregistered`, `failed_trackers` or `failed`.
    pub ailment: &'static str,
    /// Which tracker, for `failed_trackers`.
    pub tracker: Option<String>,
    /// Whether the sign shows: `yes`, `no`, `unknown: …`, `off` if the block is, `does not apply`.
    pub sign: String,
    /// The sign in words.
    pub status: String,
    /// Failures counted so far.
    pub failures: u32,
    /// Their limit.
    pub max_failures: Option<u32>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What is done at the last failure.
    pub last_resort: Option<&'static str>,
}

/// One rule on one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleTold {
    /// Its name.
    pub rule: String,
    /// `protects`, or its action.
    pub action: String,
    /// `yes`, `no`, `unknown: …` or `failed: …`.
    pub matches: String,
    /// How long it must match, in seconds.
    pub for_seconds: Option<u64>,
    /// Since when it has.
    pub since: Option<Timestamp>,
    /// Its conditions, outermost first; empty for JavaScript.
    pub conditions: Vec<ConditionTold>,
    /// What its function returned; `None` for conditions.
    pub returned: Option<String>,
    /// What its function logged.
    pub logged: Vec<String>,
}

/// One condition, with its depth in the tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionTold {
    /// 0 for the outermost.
    pub depth: usize,
    /// The condition in words, or `all`, `any`, `not`.
    pub condition: String,
    /// The value seen.
    pub seen: Option<String>,
    /// `yes`, `no`, `unknown` or `error`.
    pub outcome: &'static str,
}

fn as_object<S: Serializer>(pairs: &[(&str, String)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

/// Explains one item; `None` if it is not listed. With it comes what was lacking for it: fetch that, and explain again.
pub fn explain(
    input: &Input<'_>,
    before: &AccountState,
    id: &ItemId,
) -> Option<(Explanation, Wanted)> {
    let item = input.seen.get(id)?;
    let context = Context::new(input, before);
    let mut known = vec![("selected", facts::selection(&context, id, item))];
    let sights = match (item, &input.policy.service) {
        (Item::Torrent(torrent), Service::Qbittorrent(policy)) => {
            known.extend(facts::of_torrent(&context, id, torrent));
            ailments::of_torrent(&context, policy, id, torrent)
        }
        (Item::Magnet(magnet), Service::Alldebrid(policy)) => {
            known.extend(facts::of_magnet(magnet));
            ailments::of_magnet(&context, policy, id, magnet)
        }
        (Item::Torrent(_) | Item::Magnet(_), _) => Vec::new(),
    };
    let guards = guards(&context, id, item);
    let acting = input
        .policy
        .rules
        .iter()
        .map(|rule| (rule, action_text(&rule.action)));
    let protecting = input
        .policy
        .protect_rules
        .iter()
        .map(|rule| (rule, "protects".to_owned()));
    let rules = protecting
        .chain(acting)
        .map(|(rule, action)| rule_told(&context, rule, action, id, item))
        .collect();
    let plan = decide(
        &Input {
            explain: true,
            ..*input
        },
        before,
    )
    .plan;
    let explanation = Explanation {
        item: id.clone(),
        name: item.title(id).to_owned(),
        verdict: Verdict::of(&plan, id),
        facts: known,
        ailments: sights,
        guards,
        rules,
    };
    Some((explanation, context.into_wanted()))
}

fn guards(context: &Context<'_>, id: &ItemId, item: Item<'_>) -> Vec<(&'static str, String)> {
    let guard_text = |cause: &Cause| {
        protect::guard(context, id, item, cause)
            .map_or("no".to_owned(), |guard| format!("yes: {guard}"))
    };
    let ailment = match item {
        Item::Torrent(_) => Cause::Errored,
        Item::Magnet(_) => Cause::Failed,
    };
    let mut guards = vec![
        ("from everything", guard_text(&ailment)),
        ("from rules and hardlinks", guard_text(&Cause::Hardlinks)),
    ];
    let outages = context
        .before
        .outages
        .iter()
        .filter(|outage| outage.items.contains(id));
    guards.extend(outages.map(|outage| {
        (
            "by an outage",
            format!("yes: {} ({})", outage.ailment, outage.scope),
        )
    }));
    if context.unsettled.contains(id) {
        guards.push((
            "by an open deletion",
            "yes: its outcome is not settled yet".to_owned(),
        ));
    }
    if let (Item::Torrent(torrent), Some((_, block))) = (item, hardlinks::block_of(context)) {
        let text = match hardlinks::verdict(context, block, id, torrent) {
            hardlinks::Verdict::Delete(reason) => format!("asks for it: {reason}"),
            hardlinks::Verdict::Keep(reason) => format!("does not ask for it: {reason}"),
        };
        guards.push(("hardlinks block", text));
    }
    guards
}

fn action_text(action: &Action) -> String {
    match action {
        Action::DeleteFiles => "delete_files".to_owned(),
        Action::DeleteTorrent => "delete_torrent".to_owned(),
        Action::Delete => "delete".to_owned(),
        Action::Pause => "pause".to_owned(),
        Action::LimitDownload { bytes_per_s } => format!("limit_download {bytes_per_s} B/s"),
        Action::Recheck => "recheck".to_owned(),
        Action::Reannounce => "reannounce".to_owned(),
        Action::Tag(tag) => format!("tag {tag}"),
        Action::Category(category) => format!("category {category}"),
        Action::Restart => "restart".to_owned(),
    }
}

/// One rule on one item, without regard to order and limits. For `explain` and `rules test`.
pub fn rule_told(
    context: &Context<'_>,
    rule: &Rule,
    action: String,
    id: &ItemId,
    item: Item<'_>,
) -> RuleTold {
    let timer = context
        .before
        .items
        .get(id)
        .and_then(|item| item.rules.get(&rule.name));
    let mut conditions = Vec::new();
    if let RuleBody::Conditions(condition) = &rule.body {
        flatten(
            &explained(context, rule, condition, id, item),
            0,
            &mut conditions,
        );
    }
    RuleTold {
        rule: rule.name.clone(),
        action,
        matches: match matches(context, rule, id, item) {
            Match::Yes => "yes".to_owned(),
            Match::No => "no".to_owned(),
            Match::Unknown(why) => format!("unknown: {why}"),
            Match::Failed(why) => format!("failed: {why}"),
        },
        for_seconds: rule.hold_for.map(|hold_for| hold_for.as_secs()),
        since: timer.and_then(|timer| timer.since_for(rule.mark)),
        conditions,
        returned: None,
        logged: Vec::new(),
    }
}

fn flatten(explained: &Explained, depth: usize, into: &mut Vec<ConditionTold>) {
    let outcome: Outcome = explained.outcome;
    into.push(ConditionTold {
        depth,
        condition: explained.condition.clone(),
        seen: explained.seen.clone(),
        outcome: outcome.word(),
    });
    for part in &explained.parts {
        flatten(part, depth + 1, into);
    }
}
