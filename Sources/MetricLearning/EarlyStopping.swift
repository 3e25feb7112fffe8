/// Tells when to stop a training whose measured value no longer gets better, with the rules of Finetuner 0.4's
/// `EarlyStopping` callback and its defaults. A value: its state is part of a checkpoint.
public struct EarlyStopping: Sendable, Hashable, Codable {
    /// Which values are better.
    public enum Mode: String, Sendable, Codable, CaseIterable {
        /// Larger ones, as of precision.
        case max
        /// Smaller ones, as of a loss.
        case min
    }

    /// What a value means.
    public enum Event: String, Sendable {
        /// It is the best so far.
        case improved
        /// It is not better than the best; there is patience left.
        case notImproved
        /// It is not better than the best, and patience is at an end.
        case stop
    }

    /// Which values are better.
    public let mode: Mode
    /// After how many values in a row that are no improvement training stops, at least 1.
    public let patience: Int
    /// An improvement is more than this much better, at least 0.
    public let minimumDelta: Double
    /// What a value must be better than to be an improvement, in place of the best so far; nil for none.
    public let baseline: Double?

    /// The last value that was an improvement; nil before the first.
    public private(set) var best: Double?
    /// How many values in a row were no improvement.
    public private(set) var waited = 0

    /// A rule that has seen no value.
    public init(mode: Mode = .max, patience: Int = 2, minimumDelta: Double = 0, baseline: Double? = nil) {
        precondition(patience > 0 && minimumDelta >= 0, "patience \(patience), minimum delta \(minimumDelta)")
        self.mode = mode
        self.patience = patience
        self.minimumDelta = minimumDelta
        self.baseline = baseline
    }

    /// Takes the value of one more epoch and tells what it means. A value that is not finite is no improvement.
    public mutating func observe(_ value: Double) -> Event {
        guard value.isFinite, isBetter(value) else {
            waited += 1
            return waited < patience ? .notImproved : .stop
        }
        (best, waited) = (value, 0)
        return .improved
    }

    private func isBetter(_ value: Double) -> Bool {
        guard let bound = baseline ?? best else { return true }
        return mode == .max ? value - minimumDelta > bound : value + minimumDelta < bound
    }
}
