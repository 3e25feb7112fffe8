import FeatureStorage
import Tensors

/// How what two stores list in a space differs. Paths are compared byte by byte; sizes, times and roots are not compared.
public struct ListingComparison: Sendable, Hashable, Codable {
    /// Paths that both list.
    public private(set) var inBoth = 0
    /// Paths that the second does not list.
    public private(set) var onlyInFirst = Tally()
    /// Paths that the first does not list.
    public private(set) var onlyInSecond = Tally()
    /// Paths that have another content in each.
    public private(set) var otherContent = Tally()
    /// Paths that have another label in each.
    public private(set) var otherLabel = Tally()
    /// Paths that have another split in each.
    public private(set) var otherSplit = Tally()
    /// Files that failed in the first alone.
    public private(set) var failedOnlyInFirst = Tally()
    /// Files that failed in the second alone.
    public private(set) var failedOnlyInSecond = Tally()

    /// Whether both list the same pictures with the same contents, labels and splits, and have the same failures.
    public var isSame: Bool {
        [onlyInFirst, onlyInSecond, otherContent, otherLabel, otherSplit, failedOnlyInFirst, failedOnlyInSecond]
            .allSatisfy { $0.count == 0 }
    }

    /// Compares pictures and failures, each in ascending order of their paths' bytes.
    init(
        _ first: [StoredPicture], _ second: [StoredPicture], failures: [FailureEntry], _ otherFailures: [FailureEntry]
    ) {
        Self.merge(first, second, path: \.path) { left, right in
            switch (left, right) {
            case (let left?, let right?):
                inBoth += 1
                if left.content != right.content { otherContent.add(left.path) }
                if left.label.map(ExactText.init) != right.label.map(ExactText.init) { otherLabel.add(left.path) }
                if left.split.map(ExactText.init) != right.split.map(ExactText.init) { otherSplit.add(left.path) }
            case (let left?, nil): onlyInFirst.add(left.path)
            case (nil, let right?): onlyInSecond.add(right.path)
            case (nil, nil): break
            }
        }
        Self.merge(failures, otherFailures, path: \.path) { left, right in
            if let left, right == nil { failedOnlyInFirst.add(left.path) }
            if let right, left == nil { failedOnlyInSecond.add(right.path) }
        }
    }

    /// Calls `body` with the entries of each path, in order; nil on the side that lacks it.
    private static func merge<Entry>(
        _ first: [Entry], _ second: [Entry], path: (Entry) -> String, _ body: (Entry?, Entry?) -> Void
    ) {
        var (left, right) = (first[...], second[...])
        while !left.isEmpty || !right.isEmpty {
            guard let a = left.first, let b = right.first else {
                body(left.popFirst(), right.popFirst())
                continue
            }
            if path(a).utf8.elementsEqual(path(b).utf8) {
                body(left.popFirst(), right.popFirst())
            } else if path(a).utf8.lexicographicallyPrecedes(path(b).utf8) {
                body(left.popFirst(), nil)
            } else {
                body(nil, right.popFirst())
            }
        }
    }
}
