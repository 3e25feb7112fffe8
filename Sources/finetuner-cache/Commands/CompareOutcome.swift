import FeatureStorage
import Pipeline
import Tensors

/// What `compare` prints.
struct CompareOutcome: Encodable {
    struct Space: Encodable {
        let name: String
        let fingerprintA: String
        let fingerprintB: String
        let differentFields: [String]
        let same: Bool
        /// Nil where the dimensions differ.
        let features: FeatureComparison?
        let listing: ListingComparison
    }

    struct LoneSpace: Encodable {
        let name: String
        let fingerprint: String
        let nearest: String?
        let differentFields: [String]

        init(_ lone: StoreComparison.LoneSpace) {
            (name, fingerprint) = (lone.space.name, lone.space.fingerprint.hex)
            (nearest, differentFields) = (lone.nearest?.fingerprint.hex, lone.fields)
        }
    }

    let schema = 1
    let a: String
    let b: String
    let tolerance: Double
    let same: Bool
    let spaces: [Space]
    let spacesOnlyInA: [LoneSpace]
    let spacesOnlyInB: [LoneSpace]

    init(_ comparison: StoreComparison, a: String, b: String, tolerance: Double) {
        (self.a, self.b, self.tolerance) = (a, b, tolerance)
        same = comparison.isSame
        spaces = comparison.spaces.map {
            Space(
                name: $0.first.name, fingerprintA: $0.first.fingerprint.hex, fingerprintB: $0.second.fingerprint.hex,
                differentFields: $0.fields, same: $0.isSame, features: $0.features, listing: $0.listing)
        }
        spacesOnlyInA = comparison.onlyInFirst.map(LoneSpace.init)
        spacesOnlyInB = comparison.onlyInSecond.map(LoneSpace.init)
    }

    /// The answer, a table for each space, and examples.
    var text: String {
        var lines = [same ? "the same" : "different"]
        for space in spaces { lines += ["", "space \(Formats.visible(space.name))"] + self.lines(of: space) }
        for (spaces, store) in [(spacesOnlyInA, a), (spacesOnlyInB, b)] {
            for space in spaces {
                lines += [
                    "", "space \(space.fingerprint.prefix(12)) (\(Formats.visible(space.name))) is only in \(store)",
                ]
                if let nearest = space.nearest { lines.append("  it differs from \(nearest.prefix(12)) there:") }
                lines += space.differentFields.map { "  \(Formats.visible($0))" }
            }
        }
        return lines.joined(separator: "\n")
    }

    private func lines(of space: Space) -> [String] {
        var lines: [String] = []
        if !space.differentFields.isEmpty {
            lines.append("  \(space.fingerprintA.prefix(12)) and \(space.fingerprintB.prefix(12)) differ in")
            lines += space.differentFields.map { "    \(Formats.visible($0))" }
        }
        var table = TextTable([
            ("", .left), ("both", .right), ("only A", .right), ("only B", .right), ("differ", .right),
        ])
        if let features = space.features {
            table.add([
                "features", "\(features.inBoth)", "\(features.onlyInFirst.count)", "\(features.onlyInSecond.count)",
                "\(features.different.count)",
            ])
        }
        let listing = space.listing
        table.add([
            "paths", "\(listing.inBoth)", "\(listing.onlyInFirst.count)", "\(listing.onlyInSecond.count)",
            "\(listing.otherContent.count) content, \(listing.otherLabel.count) label, \(listing.otherSplit.count) split",
        ])
        table.add([
            "failures", "", "\(listing.failedOnlyInFirst.count)", "\(listing.failedOnlyInSecond.count)", "",
        ])
        lines.append(table.text)
        if let features = space.features {
            lines.append(
                "largest difference \(features.largestDifference); \(features.beyondTolerance.count) beyond \(tolerance)"
            )
        } else {
            lines.append("features of different dimensions cannot be compared")
        }
        return lines + examples(of: space)
    }

    private func examples(of space: Space) -> [String] {
        let (features, listing) = (space.features, space.listing)
        let kinds: [(String, Tally?)] = [
            ("features only in A", features?.onlyInFirst), ("features only in B", features?.onlyInSecond),
            ("features that differ", features?.different),
            ("features that differ by more than \(tolerance)", tolerance > 0 ? features?.beyondTolerance : nil),
            ("paths only in A", listing.onlyInFirst), ("paths only in B", listing.onlyInSecond),
            ("paths with another content", listing.otherContent), ("paths with another label", listing.otherLabel),
            ("paths with another split", listing.otherSplit),
            ("failed only in A", listing.failedOnlyInFirst), ("failed only in B", listing.failedOnlyInSecond),
        ]
        return kinds.flatMap { kind, tally -> [String] in
            guard let tally, tally.count > 0 else { return [] }
            let more = tally.count - tally.examples.count
            return ["\(kind):"] + tally.examples.map { "  \(Formats.visible($0))" }
                + (more > 0 ? ["  … and \(more) more"] : [])
        }
    }
}
