//! The order in which rules act, as Vertex has it: rules by priority, each from the top of the sorted list,
//! up to its limit, an item only once. Who matches and what an action does is the caller's.

use std::cmp::Ordering;

use super::value::Value;

/// What the order needs to know of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn<'a> {
    /// Higher goes first; rules of the same priority keep their order.
    pub priority: f64,
    /// Most actions in one run.
    pub limit: u32,
    /// The items (indices) in the order in which this rule meets them.
    pub order: &'a [usize],
}

/// The caller's side of a run. Rules and items are indices into the caller's lists.
pub trait Stage {
    /// Whether the item is left alone in this run: protected, or handled in another way.
    fn is_protected(&self, item: usize) -> bool;
    /// Whether the rule stops before its next action: its `until` holds, or cannot be told.
    fn has_enough(&self, rule: usize) -> bool;
    /// Whether the rule matches the item and would change something there.
    fn matches(&mut self, rule: usize, item: usize) -> bool;
    /// The rule acts on the item.
    fn act(&mut self, rule: usize, item: usize) -> Next;
}

/// How a run goes on after an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// With the next item.
    Continue,
    /// Not at all: what follows has to be judged on fresh data.
    EndRun,
}

/// One run over all items. An action counts towards the limit, and its item is done with, whatever came of it.
pub fn run(turns: &[Turn<'_>], item_count: usize, stage: &mut impl Stage) {
    let mut rules: Vec<usize> = (0..turns.len()).collect();
    rules.sort_by(|a, b| by_priority(turns[*a].priority, turns[*b].priority));
    let mut handled = vec![false; item_count];
    for rule in rules {
        let Turn { limit, order, .. } = turns[rule];
        let mut actions = 0;
        for &item in order {
            if actions >= limit || stage.has_enough(rule) {
                break;
            }
            if handled[item] || stage.is_protected(item) || !stage.matches(rule, item) {
                continue;
            }
            handled[item] = true;
            actions += 1;
            match stage.act(rule, item) {
                Next::Continue => {}
                Next::EndRun => return,
            }
        }
    }
}

/// Highest first; what is no number counts as 0.
fn by_priority(a: f64, b: f64) -> Ordering {
    let number = |priority: f64| if priority.is_nan() { 0.0 } else { priority };
    number(b).total_cmp(&number(a))
}

/// Vertex's order: completed longest ago first, unfinished ones (0 or less) last, then added longest ago first.
/// Both are pairs of completion and addition in Unix seconds.
pub fn longest_completed(a: (f64, f64), b: (f64, f64), now_seconds: i64) -> Ordering {
    let completed = |at: f64| if at <= 0.0 { now_seconds as f64 } else { at };
    let by_completion = completed(a.0).total_cmp(&completed(b.0));
    by_completion.then(a.1.total_cmp(&b.1))
}

/// By the value of a key: numbers by size, texts by letters, and what has no such value last in either direction.
pub fn by_value(a: &Value<'_>, b: &Value<'_>, descending: bool) -> Ordering {
    let ordering = match (rank(a), rank(b)) {
        (Some(Rank::Number(a)), Some(Rank::Number(b))) => a.total_cmp(&b),
        (Some(Rank::Text(a)), Some(Rank::Text(b))) => a.cmp(b),
        (Some(Rank::Number(_)), Some(Rank::Text(_))) => Ordering::Less,
        (Some(Rank::Text(_)), Some(Rank::Number(_))) => Ordering::Greater,
        (Some(_), None) => return Ordering::Less,
        (None, Some(_)) => return Ordering::Greater,
        (None, None) => return Ordering::Equal,
    };
    if descending {
        ordering.reverse()
    } else {
        ordering
    }
}

enum Rank<'a> {
    Number(f64),
    Text(&'a str),
}

fn rank<'a>(value: &'a Value<'_>) -> Option<Rank<'a>> {
    match value {
        Value::Number(number) if number.is_nan() => None,
        // The two zeros are one place.
        Value::Number(number) => Some(Rank::Number(number + 0.0)),
        Value::Bool(flag) => Some(Rank::Number(f64::from(u8::from(*flag)))),
        Value::Text(text) | Value::Set(text) => Some(Rank::Text(text)),
        Value::Undefined | Value::Null | Value::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules by the items they match, and what came of a run: "rule item" in order.
    #[derive(Default)]
    struct Play {
        matches: Vec<Vec<usize>>,
        protected: Vec<usize>,
        enough_after: Option<usize>,
        end_after: Option<usize>,
        acted: Vec<(usize, usize)>,
    }

    impl Stage for Play {
        fn is_protected(&self, item: usize) -> bool {
            self.protected.contains(&item)
        }
        fn has_enough(&self, rule: usize) -> bool {
            rule == 0
                && self
                    .enough_after
                    .is_some_and(|after| self.acted.len() >= after)
        }
        fn matches(&mut self, rule: usize, item: usize) -> bool {
            self.matches[rule].contains(&item)
        }
        fn act(&mut self, rule: usize, item: usize) -> Next {
            self.acted.push((rule, item));
            if self.end_after == Some(self.acted.len()) {
                Next::EndRun
            } else {
                Next::Continue
            }
        }
    }

    #[track_caller]
    fn check(mut play: Play, rules: &[(f64, u32)], expected: &[(usize, usize)]) {
        let order = [0, 1, 2, 3];
        let turn = |(priority, limit): &(f64, u32)| Turn {
            priority: *priority,
            limit: *limit,
            order: &order,
        };
        let turns: Vec<Turn> = rules.iter().map(turn).collect();
        run(&turns, order.len(), &mut play);
        assert_eq!(play.acted, expected);
    }

    #[test]
    fn rules_go_by_priority_and_each_starts_at_the_top() {
        let play = Play {
            matches: vec![vec![0, 1, 2, 3], vec![1], vec![0, 3]],
            ..Play::default()
        };
        check(
            play,
            &[(0.0, 9), (5.0, 1), (5.0, 9)],
            &[(1, 1), (2, 0), (2, 3), (0, 2)],
        );
    }

    #[test]
    fn a_priority_that_is_no_number_counts_as_zero() {
        let play = Play {
            matches: vec![vec![0], vec![0], vec![0]],
            ..Play::default()
        };
        check(play, &[(-1.0, 1), (f64::NAN, 1), (-0.5, 1)], &[(1, 0)]);
    }

    #[test]
    fn limits_hold_per_rule() {
        let play = Play {
            matches: vec![vec![0, 1, 2], vec![0, 1, 2]],
            ..Play::default()
        };
        check(play, &[(0.0, 1), (0.0, 2)], &[(0, 0), (1, 1), (1, 2)]);
    }

    #[test]
    fn protected_items_are_left_alone() {
        let play = Play {
            matches: vec![vec![0, 1]],
            protected: vec![0],
            ..Play::default()
        };
        check(play, &[(0.0, 9)], &[(0, 1)]);
    }

    #[test]
    fn a_rule_with_enough_stops_and_others_go_on() {
        let play = Play {
            matches: vec![vec![0, 1, 2], vec![2]],
            enough_after: Some(1),
            ..Play::default()
        };
        check(play, &[(0.0, 9), (0.0, 9)], &[(0, 0), (1, 2)]);
    }

    #[test]
    fn an_action_can_end_the_run_for_all_rules() {
        let play = Play {
            matches: vec![vec![0, 1], vec![2]],
            end_after: Some(1),
            ..Play::default()
        };
        check(play, &[(0.0, 9), (0.0, 9)], &[(0, 0)]);
    }

    #[test]
    fn longest_completed_comes_first_and_unfinished_last() {
        let mut items = vec![
            (-1.0, 5.0),
            (90.0, 1.0),
            (10.0, 3.0),
            (0.0, 4.0),
            (10.0, 2.0),
            (150.0, 1.0),
        ];
        items.sort_by(|a, b| longest_completed(*a, *b, 100));
        assert_eq!(
            items,
            [
                (10.0, 2.0),
                (10.0, 3.0),
                (90.0, 1.0),
                (0.0, 4.0),
                (-1.0, 5.0),
                (150.0, 1.0)
            ]
        );
    }

    #[test]
    fn without_a_value_an_item_comes_last_in_either_direction() {
        let values = [
            Value::Undefined,
            Value::Number(2.0),
            Value::Number(f64::NAN),
            Value::Number(1.0),
        ];
        for (descending, first) in [(false, 1.0), (true, 2.0)] {
            let mut sorted = values.clone();
            sorted.sort_by(|a, b| by_value(a, b, descending));
            assert_eq!(sorted[0], Value::Number(first));
            assert_eq!(sorted[2], Value::Undefined);
        }
    }
}
