/// How far a long piece of work is.
public struct ProgressUpdate: Sendable, Hashable {
    /// What is being done, such as `extracting`.
    public let activity: String
    /// Units that are done.
    public let done: Int
    /// Units in all.
    public let total: Int
    /// What is counted, in the plural, such as `pictures`.
    public let unit: String
    /// Something to say beside the numbers, such as the current loss; empty for nothing.
    public let note: String

    /// A report of progress.
    public init(activity: String, done: Int, total: Int, unit: String, note: String = "") {
        self.activity = activity
        self.done = done
        self.total = total
        self.unit = unit
        self.note = note
    }
}

/// Takes reports of progress; called from the thread that does the work.
public typealias ProgressHandler = (ProgressUpdate) -> Void
