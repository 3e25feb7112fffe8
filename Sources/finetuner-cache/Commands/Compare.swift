import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell whether two stores hold the same features.",
        discussion: """
            Compares the features of the spaces that both have, content by content and whatever the order in which they were \
            stored, and what is listed: paths, contents, labels, failures. With --space the space of that name in each \
            store, even where the two differ in their fields, such as in the row type. Two features are the same where no \
            value differs by more than --tolerance. Exit codes: 0 the same, 1 different, 2 error.
            """)

    @Argument(help: "The first store.", completion: .directory)
    var a: String

    @Argument(help: "The second store.", completion: .directory)
    var b: String

    @Option(help: "The space, by name or the beginning of its fingerprint. [default: all that both have]")
    var space: String?

    @Option(help: "How far apart two values may be.")
    var tolerance = 0.0

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard tolerance >= 0, tolerance.isFinite else {
            throw ValidationError("--tolerance must be a finite number that is not negative.")
        }
    }

    func run() throws {
        for path in [a, b] { StoreOptions.warnOfNetwork(path, writing: false) }
        let comparison = try StoreComparison(
            of: try FeatureStore(path: a), and: try FeatureStore(path: b), space: space, tolerance: tolerance)
        let outcome = CompareOutcome(comparison, a: a, b: b, tolerance: tolerance)
        if json { try JSONOutput.print(outcome) } else { print(outcome.text) }
        if !comparison.isSame { throw ExitCode.different }
    }
}

extension ExitCode {
    /// Done, and the two things that were compared differ.
    static let different = ExitCode(1)
}
