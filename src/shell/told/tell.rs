//! What is to be known of a plan beside its actions, said the same way by the daemon and by a dry run.

use super::Told;
use crate::core::decide::Mode;
use crate::core::hardlinks::LinkResult;
use crate::core::plan::{AbsentDisk, Plan};
use crate::shell::eyes::Eyes;
use crate::shell::logging::Story;

impl Told {
    /// Says what is new: warnings, disks that are not there, outages that are over. Each line begins with `head`.
    pub fn tell(&mut self, plan: &Plan, mode: Mode, story: Story<'_>, head: &str) {
        for warning in self.news(&plan.warnings, mode, plan.at) {
            story.warn(&format!("{head}{warning}"));
        }
        let (new, over) = self.disks(&plan.absent_disks, mode, plan.at);
        if let Some(text) = in_one_line(&new) {
            story.warn(&format!("{head}{text}"));
        }
        for save_path in over {
            story.info(&format!(
                "{head}no torrent waits for the disk of {save_path} any more"
            ));
        }
        for outage in &plan.outages_ended {
            let (ailment, scope) = (&outage.ailment, &outage.scope);
            story.info(&format!("{head}the outage of {ailment} ({scope}) is over"));
        }
    }

    /// Says of which torrents the links are unknown: of each once, and of all of a cycle in one line.
    pub fn tell_unknown_links(&mut self, eyes: &Eyes, story: Story<'_>, head: &str) {
        let links = &eyes.facts().links;
        let told = &mut self.unknown_links;
        told.retain(|id| !matches!(links.get(id).map(|f| &f.result), Some(LinkResult::Seen(_))));
        let mut new = Vec::new();
        for (id, finding) in links {
            if let LinkResult::Unknown(why) = &finding.result
                && told.insert(id.clone())
            {
                new.push((id, why));
            }
        }
        let Some(((id, why), others)) = new.split_first() else {
            return;
        };
        let item = eyes.seen().get(id);
        let title = item.map_or(id.as_str(), |item| item.title(id));
        let others = match others.len() {
            0 => String::new(),
            others => format!(" (and of {others} more)"),
        };
        story.warn(&format!(
            "{head}whether the files of {title} are hardlinked is unknown{others}, so rules and the hardlinks block leave \
             it alone: {why}"
        ));
    }
}

/// One server can have hundreds of save paths on one disk.
fn in_one_line(disks: &[&AbsentDisk]) -> Option<String> {
    let (first, others) = disks.split_first()?;
    let torrents: usize = others.iter().map(|disk| disk.torrents).sum();
    Some(match others.len() {
        0 => first.to_string(),
        1 => format!("{first} (and {torrents} in another folder)"),
        folders => format!("{first} (and {torrents} in {folders} other folders)"),
    })
}
