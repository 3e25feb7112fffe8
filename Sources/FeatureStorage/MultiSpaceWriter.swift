public import Tensors

/// The one writer of several spaces of a store: features that were computed together, such as those of several cuts of one
/// network. Holds the store's lock as long as it lives.
///
/// What is taken in is kept in memory, up to 64 MiB of features, and then written to one space after the other. A writer that is
/// killed in between leaves pictures with a feature in some of the spaces; the next build computes them again.
public struct MultiSpaceWriter: ~Copyable, FeatureSink {
    private enum Entry {
        case feature([Float], PictureEntry)
        case picture(PictureEntry)
        case failure(FailureEntry)
        case removal([String])
    }

    /// The spaces, in the order in which their values stand in a feature.
    public let spaces: [FeatureSpace]
    /// What had to be set right in the store when it was opened.
    public let recovery: RecoveryReport
    /// The values of a feature, those of all spaces one after the other.
    public let dimension: Int
    private let layout: StoreLayout
    private let lock: StoreLock
    private let limit: Int
    private var entries: [Entry] = []
    private var bufferedRows = 0
    private var complete: Set<Fingerprint>
    private var failure: InputError?

    /// Opens the store in the folder at `path`, or makes it, for features of all `spaces`. Throws as `FeatureStoreWriter` does.
    public init(
        path: String, spaces: [FeatureSpace], otherSpaces: FeatureStoreWriter.OtherSpacePolicy = .refuse
    ) throws {
        try self.init(path: path, spaces: spaces, otherSpaces: otherSpaces, bufferBytes: 64 << 20)
    }

    init(
        path: String, spaces: [FeatureSpace], otherSpaces: FeatureStoreWriter.OtherSpacePolicy, bufferBytes: Int
    ) throws {
        precondition(!spaces.isEmpty, "a writer of no space")
        let layout = StoreLayout(path: path)
        try IndexDatabase.refuseForeign(layout)
        try layout.create()
        let lock = try StoreLock(layout)
        var complete: Set<Fingerprint>?
        var recovery: RecoveryReport?
        for (number, space) in spaces.enumerated() {
            // Once one of them is there, the others belong to the same build.
            let policy = number == 0 ? otherSpaces : .add
            let writer = try FeatureStoreWriter(layout, held: lock, space: space, otherSpaces: policy)
            recovery = recovery ?? writer.recovery
            complete = complete?.intersection(writer.contents()) ?? writer.contents()
            try writer.finish()
        }
        (self.layout, self.lock, self.spaces) = (layout, lock, spaces)
        (self.complete, self.recovery) = (complete ?? [], recovery ?? RecoveryReport())
        dimension = spaces.reduce(0) { $0 + $1.dimension }
        limit = max(1, bufferBytes / (4 * dimension))
    }

    /// The contents that have a feature in every space, committed or not.
    public func contents() -> Set<Fingerprint> { complete }

    /// The committed pictures that came from the listing of `root`, and those at `paths`, whatever they came from.
    public func knownPictures(under root: String, orAt paths: some Sequence<String> = []) throws -> [PictureEntry] {
        let writer = try FeatureStoreWriter(layout, held: lock, space: spaces[0])
        return try writer.knownPictures(under: root, orAt: paths)
    }

    /// The committed files from the listing of `root` that failed in every space, as the first one has them.
    public func knownFailures(under root: String) throws -> [FailureEntry] {
        let all = try spaces.map { space in
            let writer = try FeatureStoreWriter(layout, held: lock, space: space)
            return try writer.knownFailures(under: root)
        }
        let others = all.dropFirst().map { Set($0.map { ExactText($0.path) }) }
        return all[0].filter { failure in others.allSatisfy { $0.contains(ExactText(failure.path)) } }
    }

    /// Appends a feature of `dimension` values and records its picture in every space. Throws `InputError` where the disk does
    /// not take what was buffered, or a value does not fit a space's row type.
    public mutating func append(feature: ArraySlice<Float>, of picture: PictureEntry) throws {
        precondition(feature.count == dimension, "a feature of \(feature.count) values in spaces of \(dimension)")
        guard complete.insert(picture.content).inserted else { return try record(picture) }
        bufferedRows += 1
        try take(.feature(Array(feature), picture))
    }

    /// Records a picture whose content is stored already.
    public mutating func record(_ picture: PictureEntry) throws { try take(.picture(picture)) }

    /// Records a file that gave no feature in any of the spaces.
    public mutating func recordFailure(_ failure: FailureEntry) throws { try take(.failure(failure)) }

    /// Takes pictures and failures that are gone from their folder out of the listing. Features stay.
    public mutating func remove(paths: [String]) throws { if !paths.isEmpty { try take(.removal(paths)) } }

    /// Writes what was taken in since the last commit to all spaces; it is durable when this returns.
    public mutating func commit() throws {
        if let failure { throw failure }
        let buffered = entries
        (entries, bufferedRows) = ([], 0)
        guard !buffered.isEmpty else { return }
        do {
            var first = 0
            for space in spaces {
                try write(buffered, to: space, first..<first + space.dimension)
                first += space.dimension
            }
        } catch {
            let failure = error as? InputError ?? InputError(layout.path, "\(error)")
            self.failure = failure
            throw failure
        }
    }

    /// Commits and lets go of the lock.
    public consuming func finish() throws { try commit() }

    private mutating func take(_ entry: Entry) throws {
        if let failure { throw failure }
        entries.append(entry)
        if bufferedRows >= limit || entries.count >= max(limit, 65_536) { try commit() }
    }

    private func write(_ entries: [Entry], to space: FeatureSpace, _ columns: Range<Int>) throws {
        var writer = try FeatureStoreWriter(layout, held: lock, space: space)
        for entry in entries {
            switch entry {
            case .feature(let feature, let picture): try writer.append(feature: feature[columns], of: picture)
            case .picture(let picture): try writer.record(picture)
            case .failure(let failure): try writer.recordFailure(failure)
            // One space says it for all.
            case .removal(let paths): if columns.lowerBound == 0 { try writer.remove(paths: paths) }
            }
        }
        try writer.finish()
    }
}
