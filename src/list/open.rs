//! Reads a list from a file, standard input or memory.

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use jiff::Timestamp;

use super::error::{ListError, Stop};
use crate::list::devices::build::Builder;
use crate::list::devices::{case, reconcile};
use crate::list::fields::field::FieldSet;
use crate::list::fields::seconds::Seconds;
use crate::list::formats::shape::{self, Shape};
use crate::list::formats::window::Window;
use crate::list::input::source::Source;
use crate::list::report::problem::{DateFault, ListNotice};
use crate::list::{DeviceList, ReadOptions, ReadProgress};

impl DeviceList {
    /// Reads the list at `path`; `-` is standard input. A source that can't be read twice (standard
    /// input, a FIFO, a compressed file) is copied to an unlinked file in the temporary directory.
    pub fn open(path: &Path, progress: &mut dyn FnMut(ReadProgress)) -> Result<Self, ListError> {
        Self::open_with_spool(path, &std::env::temp_dir(), progress)
    }

    /// Like [`open`](Self::open), with copies in `spool_directory`.
    pub fn open_with_spool(
        path: &Path,
        spool_directory: &Path,
        progress: &mut dyn FnMut(ReadProgress),
    ) -> Result<Self, ListError> {
        Self::open_as(path, spool_directory, &ReadOptions::default(), progress)
    }

    /// Like [`open_with_spool`](Self::open_with_spool), with options.
    pub fn open_as(
        path: &Path,
        spool_directory: &Path,
        options: &ReadOptions,
        progress: &mut dyn FnMut(ReadProgress),
    ) -> Result<Self, ListError> {
        let source = Source::open(path, spool_directory, options, &mut |bytes_read| {
            progress(ReadProgress {
                bytes_read,
                bytes_total: None,
            });
        })?;
        Self::read(source, options, progress)
    }

    /// Reads a list from memory.
    pub fn read_bytes(name: &str, bytes: &[u8]) -> Result<Self, ListError> {
        Self::read_bytes_as(name, bytes, &ReadOptions::default())
    }

    /// Like [`read_bytes`](Self::read_bytes), with options.
    pub fn read_bytes_as(
        name: &str,
        bytes: &[u8],
        options: &ReadOptions,
    ) -> Result<Self, ListError> {
        let source = Source::from_memory(name, bytes, options)?;
        Self::read(source, options, &mut |_| {})
    }

    fn read(
        mut source: Source,
        options: &ReadOptions,
        progress: &mut dyn FnMut(ReadProgress),
    ) -> Result<Self, ListError> {
        let mut foreign_device_ids = false;
        let (shape, hash, builder) = loop {
            match Self::read_once(&source, options, foreign_device_ids, progress) {
                Ok(read) => break read,
                // The kind of a column, or the encoding, can turn out late: read everything again.
                Err(Stop::ForeignIds) => foreign_device_ids = true,
                Err(Stop::Error(ListError::NotUtf8 { .. } | ListError::NulByte { .. }))
                    if source.encoding.is_none() =>
                {
                    source.decode_recognised()?;
                }
                Err(Stop::Error(error)) => return Err(error),
            }
        };
        source.check_unchanged()?;
        Self::finish(source, options, shape, hash, builder)
    }

    fn read_once(
        source: &Source,
        options: &ReadOptions,
        foreign_device_ids: bool,
        progress: &mut dyn FnMut(ReadProgress),
    ) -> Result<(Shape, String, Builder), Stop> {
        let mut builder = Builder::default();
        builder.options.clone_from(options);
        builder.horizon = horizon(source.modified());
        builder.findings.container.clone_from(&source.container);
        let encoding = source.encoding.map_or("UTF-8", |encoding| encoding.name());
        encoding.clone_into(&mut builder.findings.encoding);
        let total = source.size();
        builder.source_size = total;
        let mut window = Window::new(source.name(), source.reader(0), 0, |bytes_read| {
            progress(ReadProgress {
                bytes_read,
                bytes_total: Some(total),
            });
        });
        let shape = shape::read(&mut window, &mut builder, foreign_device_ids)?;
        Ok((shape, window.hash(), builder))
    }

    fn finish(
        source: Source,
        options: &ReadOptions,
        shape: Shape,
        hash: String,
        mut builder: Builder,
    ) -> Result<Self, ListError> {
        builder.resolve_open_dates();
        if let Some(what) = &source.cut {
            builder.notices.push(ListNotice::Cut { what: what.clone() });
        }
        if source.is_hidden_sheet {
            builder.notices.push(ListNotice::HiddenSheet);
        }
        if source.hidden_rows > 0 {
            let count = source.hidden_rows;
            builder.notices.push(ListNotice::HiddenRows { count });
        }
        if source.damaged > 0 {
            let count = source.damaged;
            builder
                .notices
                .push(ListNotice::DamagedCharacters { count });
        }
        reconcile::reconcile(&mut builder).map_err(|full| full.error(source.name()))?;
        builder.store.tidy();
        builder.notices.extend(case::notice(&builder.store));
        builder.folded.sort_unstable();
        builder.notices.extend(builder.cell_errors);
        let sorted = |fields: HashMap<u32, FieldSet>| {
            let mut fields: Vec<(u32, FieldSet)> = fields.into_iter().collect();
            fields.sort_unstable_by_key(|(index, _)| *index);
            fields.into_boxed_slice()
        };
        let undecided = builder.notices.iter().filter_map(|notice| match notice {
            ListNotice::Dates {
                field,
                fault: DateFault::DayOrMonth,
                ..
            } => Some(*field),
            _ => None,
        });
        Ok(Self {
            shape,
            by_mac: OnceLock::new(),
            newest_seen: OnceLock::new(),
            undecided: undecided.collect(),
            store: builder.store,
            by_hwid: builder.by_hwid,
            folded: builder.folded.into(),
            problems: builder.problems.into_iter().collect(),
            differing: sorted(builder.differing),
            unreadable: sorted(builder.unreadable),
            notices: builder.notices,
            stamp: builder.stamp,
            columns: builder.columns,
            findings: builder.findings,
            claims: builder.claims.into(),
            options: options.clone(),
            hash,
            source,
        })
    }
}

/// The latest time at which a device of a file that was changed at `modified` can have been seen:
/// a day later, since clocks differ. Without a file there is no limit.
fn horizon(modified: Option<Timestamp>) -> Seconds {
    const DAY: i64 = 86_400;
    let latest = modified.map(|modified| modified.as_second().saturating_add(DAY));
    let latest = latest.and_then(|second| u32::try_from(second).ok());
    Seconds(latest.unwrap_or(u32::MAX - 1))
}
