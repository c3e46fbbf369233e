//! Rows in columns, each as wide as its widest cell. Colours take no room.

use crate::core::plan::{on_one_line, width};

/// One cell: its text, and the same text with colours.
pub struct Cell {
    text: String,
    shown: String,
}

impl Cell {
    /// A cell whose colours `paint` puts on.
    pub fn painted(text: String, paint: impl Fn(&str) -> String) -> Cell {
        let text = on_one_line(&text).into_owned();
        let shown = paint(&text);
        Cell { text, shown }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Cell {
        Cell::painted(text.into(), str::to_owned)
    }
}

/// Lines with two spaces before each column; none ends in spaces.
pub fn columns(rows: &[Vec<Cell>]) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| {
        let widths = rows
            .iter()
            .filter_map(|row| Some(width(&row.get(at)?.text)));
        widths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(widest).collect();
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let mut line = String::new();
    let mut owed = 0;
    for (cell, column) in row.iter().zip(widths) {
        if *column == 0 {
            continue;
        }
        owed += 2;
        if !cell.text.is_empty() {
            line.push_str(&" ".repeat(owed));
            line.push_str(&cell.shown);
            owed = 0;
        }
        owed += column - width(&cell.text);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_end_clean() {
        let red = |text: &str| format!("\x1b[31m{text}\x1b[0m");
        let rows = [
            vec!["a".into(), Cell::painted("bad".into(), red), "x".into()],
            vec!["long".into(), "".into(), "y".into()],
            vec!["中文".into(), "ok".into(), "".into()],
        ];
        assert_eq!(
            columns(&rows),
            [
                "  a     \x1b[31mbad\x1b[0m  x",
                "  long       y",
                "  中文  ok"
            ]
        );
    }
}
