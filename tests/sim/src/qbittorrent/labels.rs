//! Categories and tags.

use super::Era;
use super::reply::{Params, Reply, done, text};
use super::server::Server;
use super::torrent::Torrent;

type Answer = Result<Reply, Reply>;

impl Server {
    pub(super) fn add_tags(&mut self, params: &Params) -> Answer {
        let tags = params.list("tags", ',');
        self.tags.extend(tags.iter().cloned());
        self.change("addTags", params, &["tags"], |torrent| {
            torrent.tags.extend(tags.iter().cloned())
        })
    }

    pub(super) fn set_tags(&mut self, params: &Params) -> Answer {
        let tags = params.list("tags", ',');
        self.tags.extend(tags.iter().cloned());
        self.change("setTags", params, &["tags"], |torrent| {
            torrent.tags = tags.iter().cloned().collect()
        })
    }

    /// Without tags it removes all of them.
    pub(super) fn remove_tags(&mut self, params: &Params) -> Answer {
        let tags = params.list("tags", ',');
        self.change("removeTags", params, &[], |torrent| {
            torrent
                .tags
                .retain(|tag| !tags.is_empty() && !tags.contains(tag));
        })
    }

    pub(super) fn delete_tags(&mut self, params: &Params) -> Answer {
        params.need(&["tags"])?;
        for tag in params.list("tags", ',') {
            self.tags.remove(&tag);
            self.relabel(
                |torrent| torrent.tags.contains(&tag),
                |torrent| {
                    torrent.tags.remove(&tag);
                },
            );
        }
        Ok(done())
    }

    pub(super) fn set_category(&mut self, params: &Params) -> Answer {
        params.need(&["hashes", "category"])?;
        let category = params.text("category");
        if !category.is_empty() && !self.categories.contains_key(&category) {
            return Err(text(409, "Incorrect category name"));
        }
        self.change("setCategory", params, &[], |torrent| {
            torrent.category.clone_from(&category)
        })
    }

    pub(super) fn create_category(&mut self, params: &Params) -> Answer {
        params.need(&["category"])?;
        let category = params.text("category");
        if category.is_empty() {
            return Err(text(400, "Category cannot be empty"));
        }
        if !is_category_name(&category) {
            return Err(text(409, "Incorrect category name"));
        }
        if self.categories.contains_key(&category) {
            return Err(text(409, "Unable to create category"));
        }
        self.categories.insert(category, params.text("savePath"));
        Ok(done())
    }

    pub(super) fn edit_category(&mut self, params: &Params) -> Answer {
        params.need(&["category", "savePath"])?;
        let Some(save_path) = self.categories.get_mut(&params.text("category")) else {
            return Err(text(409, "Unable to edit category"));
        };
        *save_path = params.text("savePath");
        Ok(done())
    }

    pub(super) fn remove_categories(&mut self, params: &Params) -> Answer {
        params.need(&["categories"])?;
        for category in params.list("categories", '\n') {
            self.categories.remove(&category);
            self.relabel(
                |torrent| torrent.category == category,
                |torrent| torrent.category.clear(),
            );
        }
        Ok(done())
    }

    fn relabel(&mut self, is_meant: impl Fn(&Torrent) -> bool, change: impl Fn(&mut Torrent)) {
        let meant = self.torrents.values().filter(|torrent| is_meant(torrent));
        let hashes: Vec<String> = meant.map(|torrent| torrent.hash.clone()).collect();
        for hash in hashes {
            self.edit(&hash, &change);
        }
    }

    /// Tags of `torrents/add`: 4.5.2 keeps the blanks of a list.
    pub(super) fn tags_to_add(&self, params: &Params) -> Vec<String> {
        match self.settings.era {
            Era::V4_2_5 => Vec::new(),
            Era::V4_5_2 => {
                let list = params.text("tags");
                list.split(',')
                    .filter(|tag| !tag.is_empty())
                    .map(str::to_owned)
                    .collect()
            }
            Era::V4_6 | Era::V5_0 | Era::V5_1 | Era::V5_2 | Era::V5_3 => params.list("tags", ','),
        }
    }
}

/// Levels are divided by `/` and are not empty; a backslash is not allowed.
pub(super) fn is_category_name(name: &str) -> bool {
    !name.contains('\\') && name.split('/').all(|level| !level.is_empty())
}
