public import FeatureStorage

/// What a build did.
public struct BuildReport: Sendable {
    /// Pictures that the folder lists, of the shard that was built.
    public internal(set) var listed = 0
    /// Features computed in this run.
    public internal(set) var extracted = 0
    /// Pictures for which nothing had to be done.
    public internal(set) var unchanged = 0
    /// Pictures whose content had a feature already: duplicates, copies and renamed files.
    public internal(set) var duplicates = 0
    /// Pictures whose label changed.
    public internal(set) var relabeled = 0
    /// Pictures whose split changed.
    public internal(set) var resplit = 0
    /// Paths that the folder no longer has; their features stay in the store.
    public internal(set) var removed = 0
    /// Pictures that cannot be used, those of earlier runs included.
    public internal(set) var failures: [FailureEntry] = []
    /// How many of `failures` are of earlier runs and were not tried again.
    public internal(set) var failuresOfEarlierRuns = 0
    /// Whether the run was asked to stop before its end.
    public internal(set) var wasInterrupted = false
    /// Time from the first file to the last commit, in seconds.
    public internal(set) var seconds = 0.0
    /// Of that, time in which the network waited for files to be read, in seconds: the mean over the cores.
    public internal(set) var secondsWaiting = 0.0

    /// What a build did that has not begun.
    public init() {}

    /// Adds what a later build of other pictures did.
    public mutating func add(_ other: BuildReport) {
        listed += other.listed
        extracted += other.extracted
        unchanged += other.unchanged
        duplicates += other.duplicates
        relabeled += other.relabeled
        resplit += other.resplit
        removed += other.removed
        failures += other.failures
        failuresOfEarlierRuns += other.failuresOfEarlierRuns
        wasInterrupted = wasInterrupted || other.wasInterrupted
        seconds += other.seconds
        secondsWaiting += other.secondsWaiting
    }
}
