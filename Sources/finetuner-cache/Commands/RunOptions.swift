import ArgumentParser
import FeatureStorage
import Pipeline
import Tensors

/// Where a run is kept, and what it may take.
struct RunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Bytes for decoded features, with K, M, G or T for powers of 1024, such as 2G. Where they need more, every epoch \
            reads them from the store in pools of chunks; the next pool is decoded while one is trained on. \
            [default: half of the machine's memory]
            """, valueName: "bytes"),
        transform: { try MemoryBudget($0) })
    var memory: MemoryBudget?

    @Option(help: "The head's name in the store. [default: the first free of head-1, head-2, …]")
    var name: String?

    @Flag(help: "Replace a head of the same name.")
    var replace = false

    @Flag(
        help:
            "Go on with the run of the same --name from its last checkpoint. Its other options have to be what they were."
    )
    var resume = false

    @Option(help: "Show what so many of the held-out pictures find before and after.")
    var examples = 0

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard !resume || name != nil else { throw ValidationError("--resume needs the --name of the run.") }
        guard (0...1000).contains(examples) else { throw ValidationError("--examples must be from 0 to 1000.") }
        guard let name else { return }
        try UsageErrors.translating { try HeadLibrary.check(name: name) }
    }

    /// The name of the head to be written, which nobody else trains while the lock lives. Throws `InputError` where it is taken.
    func name(in store: FeatureStore) throws -> (name: String, lock: RunLock) {
        guard let name else { return try freeName(in: store) }
        guard let lock = try RunLock(name, in: store) else {
            throw InputError(
                "head '\(name)'", "is being trained by another process",
                remedy: "Wait for it, or choose another --name.")
        }
        guard replace || resume || !Self.names(in: store).contains(name) else {
            throw InputError(
                "head '\(name)'", "is in the store already",
                remedy: "Choose another --name, or replace it with --replace.")
        }
        return (name, lock)
    }

    private func freeName(in store: FeatureStore) throws -> (name: String, lock: RunLock) {
        for name in (1...).lazy.map({ "head-\($0)" }) where !Self.names(in: store).contains(name) {
            // Who had the lock a moment ago may have finished since.
            if let lock = try RunLock(name, in: store), !Self.names(in: store).contains(name) { return (name, lock) }
        }
        preconditionFailure("there is always a number more")
    }

    /// By their folders: a head whose record is damaged or of another version can be replaced, too.
    private static func names(in store: FeatureStore) -> Set<String> { Set(HeadLibrary(store: store).names()) }
}
