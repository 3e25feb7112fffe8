import Foundation
public import Tensors

/// Looks for damage in a store and changes nothing. Also tells what is not damage: work that a killed writer left and the
/// next one will take up.
public struct StoreVerification {
    /// Something that is not as it was written.
    public struct Problem: Sendable, Hashable, Codable {
        /// The file.
        public let file: String
        /// The chunk's number in the index, where it is about one.
        public let chunk: Int64?
        /// Where in the file, in bytes.
        public let offset: Int?
        /// What was found.
        public let fact: String
        /// The paths of the listed pictures whose features it concerns.
        public let pictures: [String]
    }

    /// What was looked at and what was found.
    public struct Report: Sendable, Hashable, Codable {
        /// What is damaged; empty where the store is whole.
        public internal(set) var problems: [Problem] = []
        /// What is unfinished and will be set right by the next writer.
        public internal(set) var notes: [String] = []
        /// Segments, chunks and rows looked at.
        public internal(set) var segments = 0, chunks = 0, rows = 0
        /// Bytes of segments that were read.
        public internal(set) var bytesRead = 0
        /// Whether every feature was read and decoded.
        public internal(set) var isFull = false

        /// Adds what is damaged in files that the store keeps for others, such as heads.
        public mutating func add(_ damaged: [InputError]) {
            problems += damaged.map { Problem(file: $0.object, chunk: nil, offset: nil, fact: $0.fact, pictures: []) }
        }
    }

    private let layout: StoreLayout
    private let isFull: Bool

    /// A verification of the store at `path`. The quick form checks every row of the index and every chunk's header and
    /// row table; the full one also reads and decodes all features and all metadata.
    public init(path: String, full: Bool) { (layout, isFull) = (StoreLayout(path: path), full) }

    /// Looks. `progress` is told how many of how many chunks are done. Throws `InputError` only where there is no store.
    public func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws -> Report {
        var report = Report()
        report.isFull = isFull
        let hasSegments = try !layout.segmentNumbers().isEmpty
        if !layout.hasIndex && !hasSegments { try layout.requireStore() }
        guard let state = readIndex(&report) else {
            try walkWithoutIndex(&report)
            return report
        }
        let total = state.chunks.values.reduce(0) { $0 + $1.count }
        for segment in state.segments {
            check(segment, state, &report)
            progress(report.chunks, total)
        }
        noteUnknown(state, &report)
        return report
    }

    // MARK: - The index

    /// The index as far as it is whole.
    private struct State {
        var segments: [IndexQueries.Segment] = []
        var spaces: [Int64: FeatureSpace] = [:]
        /// The chunks of each segment, those without a row that counts too.
        var chunks: [Int: [ChunkLocation]] = [:]
        /// The listed pictures in the order of their contents: a store may be damaged in thousands of places.
        var images: [(content: Int64, folder: Int64, name: String)] = []
        var folders: [Int64: String] = [:]

        /// The paths of the pictures whose contents are in `runs`.
        func pictures(_ runs: [ContentRun]) -> [String] {
            runs.flatMap { run in
                images[images.firstPosition { $0.content >= run.firstContent }...]
                    .prefix { run.contains($0.content) }.map { (folders[$0.folder] ?? "") + $0.name }
            }.sorted()
        }
    }

    /// Reads every row of the index; nil where it cannot be used.
    private func readIndex(_ report: inout Report) -> State? {
        do {
            guard layout.hasIndex else { throw InputError(layout.index, "is missing") }
            guard try !IndexDatabase.isUnfinished(layout) else {
                report.notes.append(
                    "\(layout.index): a commit that the next reader or writer undoes; it was not looked at")
                return nil
            }
            let index = try IndexDatabase.openForReading(layout)
            defer { try? index.close() }
            return try index.read { queries in
                try index.requireSoundPages(queries, full: isFull)
                for table in IndexTable.counted { try queries.rows.forEach(table) { _ in } }
                return try state(queries)
            }
        } catch {
            let fact = (error as? InputError)?.fact ?? "\(error)"
            report.problems.append(
                Problem(file: layout.index, chunk: nil, offset: nil, fact: fact, pictures: []))
            return nil
        }
    }

    private func state(_ queries: IndexQueries) throws -> State {
        var state = State()
        state.segments = try queries.segments().filter { !$0.isRetired }
        for (id, space) in try queries.spaces() {
            state.spaces[id] = space
            for chunk in try queries.chunks(space: id, withoutRows: true) {
                state.chunks[chunk.segment, default: []].append(chunk)
            }
        }
        state.folders = try queries.names(.folders)
        try queries.forEachImage { state.images.append(($0.content, $0.folder, $0.name)) }
        state.images.sort { $0.content < $1.content }
        return state
    }

    // MARK: - The segments

    private func check(_ segment: IndexQueries.Segment, _ state: State, _ report: inout Report) {
        let name = layout.segment(segment.number)
        let chunks = state.chunks[segment.number] ?? []
        report.segments += 1
        do {
            guard let space = state.spaces[segment.spaceID] else {
                throw InputError(name, "is of a space that the index does not have")
            }
            let reader = try ChunkReader(layout, segment: segment.number, uuid: segment.uuid, space: space)
            let length = try reader.file.length()
            if length < segment.committedLength {
                add(&report, name, "it has \(length) bytes, of \(segment.committedLength) that were committed")
            } else if length > segment.committedLength {
                report.notes.append("\(name): \(length - segment.committedLength) bytes that no commit entered")
            }
            for chunk in chunks { check(chunk, reader, state, &report) }
            if isFull { walk(segment, reader, Set(chunks.map(\.offset)), &report) }
        } catch {
            add(&report, name, (error as? InputError)?.fact ?? "\(error)", state.pictures(chunks.flatMap(\.runs)))
        }
    }

    private func check(_ chunk: ChunkLocation, _ reader: ChunkReader, _ state: State, _ report: inout Report) {
        report.chunks += 1
        report.rows += chunk.rows
        do {
            guard isFull else {
                report.bytesRead += BlockHeader.byteCount + chunk.rows * Fingerprint.byteCount
                _ = try reader.contents(of: chunk)
                return
            }
            report.bytesRead += chunk.length
            try reader.verify(chunk)
        } catch {
            report.problems.append(
                Problem(
                    file: reader.file.path, chunk: chunk.chunk, offset: chunk.offset,
                    fact: (error as? InputError)?.fact ?? "\(error)", pictures: state.pictures(chunk.runs)))
        }
    }

    /// Checks the blocks that hold no features: descriptions of the space, listing changes, footers.
    private func walk(
        _ segment: IndexQueries.Segment, _ reader: ChunkReader, _ known: Set<Int>, _ report: inout Report
    ) {
        do {
            let scan = try SegmentScan(
                reader.file, segment: segment.uuid, from: SegmentHeader.byteCount, length: segment.committedLength)
            let damaged =
                scan.damagedRanges + (scan.end < segment.committedLength ? [scan.end..<segment.committedLength] : [])
            for range in damaged where !known.contains(range.lowerBound) {
                report.problems.append(
                    Problem(
                        file: reader.file.path, chunk: nil, offset: range.lowerBound,
                        fact: "\(range.count) bytes are damaged that hold no features in use", pictures: []))
            }
        } catch {
            add(&report, reader.file.path, (error as? InputError)?.fact ?? "\(error)")
        }
    }

    /// Without an index, what the segments say of themselves.
    private func walkWithoutIndex(_ report: inout Report) throws {
        for number in try layout.segmentNumbers() {
            let name = layout.segment(number)
            do {
                let file = try SegmentFile(layout, number: number, .read)
                let (header, length) = (try file.header(), try file.length())
                let scan = try SegmentScan(
                    file, segment: header.uuid, from: SegmentHeader.byteCount, length: length)
                report.segments += 1
                report.bytesRead += length
                report.chunks += scan.blocks.count { $0.kind == .chunk }
                report.rows += scan.blocks.reduce(0) { $0 + $1.rows }
                for range in scan.damagedRanges + (scan.end < length ? [scan.end..<length] : []) {
                    report.problems.append(
                        Problem(
                            file: name, chunk: nil, offset: range.lowerBound,
                            fact: "\(range.count) bytes are no whole block",
                            pictures: []))
                }
            } catch { add(&report, name, (error as? InputError)?.fact ?? "\(error)") }
        }
    }

    private func noteUnknown(_ state: State, _ report: inout Report) {
        let known = Set(state.segments.map(\.number))
        for number in (try? layout.segmentNumbers()) ?? [] where !known.contains(number) {
            report.notes.append("\(layout.segment(number)) is not in the index yet")
        }
    }

    private func add(_ report: inout Report, _ file: String, _ fact: String, _ pictures: [String] = []) {
        report.problems.append(Problem(file: file, chunk: nil, offset: nil, fact: fact, pictures: pictures))
    }
}
