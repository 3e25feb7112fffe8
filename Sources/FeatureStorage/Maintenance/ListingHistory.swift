import Tensors

/// What segments that come into a store have said of paths, held against what is to be listed once they are there.
struct ListingHistory {
    private let desired: StoreListing
    /// Paths of which all say what is to be listed, and nothing else: in whatever order they come, the listing gets it right.
    private(set) var settled: Set<ExactText> = []
    /// Paths of which one says something that is not to count, or not alone.
    private(set) var unsettled: Set<ExactText> = []

    /// The history of no segment.
    init(desired: StoreListing) { self.desired = desired }

    /// Adds a segment that comes in. False where not all its bytes are whole blocks.
    mutating func add(_ segment: SegmentFile) throws -> Bool {
        try segment.forEachChange { change in
            let path = ExactText(change.path)
            if isDesired(change, at: path) {
                if !unsettled.contains(path) { settled.insert(path) }
            } else {
                unsettle(path)
            }
        }
    }

    /// Holds the same against a segment that the store has already. Where that is damaged, nobody knows what it says, and nothing is
    /// settled.
    mutating func check(_ segment: SegmentFile) throws {
        let isWhole = try segment.forEachChange { change in
            let path = ExactText(change.path)
            if settled.contains(path), !isDesired(change, at: path) { unsettle(path) }
        }
        guard !isWhole else { return }
        unsettled.formUnion(settled)
        settled = []
    }

    private func isDesired(_ change: ListingChange, at path: ExactText) -> Bool {
        guard case .picture(let entry) = change else { return false }
        return desired.pictures[path] == entry
    }

    private mutating func unsettle(_ path: ExactText) {
        settled.remove(path)
        unsettled.insert(path)
    }
}

extension SegmentFile {
    /// Calls `body` with every change of the listing that the segment's blocks record. False where not all its bytes are whole
    /// blocks.
    func forEachChange(_ body: (ListingChange) throws -> Void) throws -> Bool {
        let length = try length()
        let scan = try SegmentScan(self, segment: try header().uuid, from: SegmentHeader.byteCount, length: length)
        for block in scan.blocks where block.kind == .chunk {
            for change in try self.body(of: block, upTo: block.length).changes() { try body(change) }
        }
        return scan.damagedRanges.isEmpty && scan.end == length
    }
}
