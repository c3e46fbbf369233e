//! People write the state file.

use super::state_file;
use crate::dice::Dice;
use crate::hub::Hub;

/// A person writes the state file right before a request.
pub fn edit_at_once(hub: &Hub) {
    let (disk, content) = hub.with(|core| (core.disk.clone(), edit_of(&mut core.dice)));
    let Some(disk) = disk else { return };
    disk.with(|disk| match &content {
        Some(content) => disk.put(&state_file(), content),
        None => disk.delete(&state_file()),
    });
    edited(hub, content.as_deref());
}

pub(super) fn edited(hub: &Hub, content: Option<&[u8]>) {
    let text = content.map(String::from_utf8_lossy);
    hub.with(|core| {
        core.note(&format!(
            "a person writes the state file: {}",
            text.as_deref().unwrap_or("(removed)")
        ));
        core.oracle.state_edited(content);
    });
}

/// What people write into the state file.
pub fn edit_of(dice: &mut Dice) -> Option<Vec<u8>> {
    match dice.below(12) {
        0 => None,
        1 => Some(Vec::new()),
        2 => Some(b"{\"version\":1,\"accounts\":{}}".to_vec()),
        3 => Some(b"not json at all {".to_vec()),
        4 | 5 => {
            let counts: Vec<String> = (0..3)
                .map(|_| format!("\"{}\": {}", 100 + dice.below(40), dice.below(5)))
                .collect();
            Some(format!("{{{}}}", counts.join(", ")).into_bytes())
        }
        _ => Some(b"{}\n".to_vec()),
    }
}
