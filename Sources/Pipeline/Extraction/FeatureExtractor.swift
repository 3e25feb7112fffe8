public import Backbones
public import FeatureStorage
import Foundation
public import ImageInput
import Tensors

/// Stage one: runs a frozen network once over every picture that is new and keeps the features in a store.
public struct FeatureExtractor {
    /// What to do with a picture that cannot be used.
    public enum ErrorPolicy: String, Sendable, CaseIterable {
        /// Record it and go on.
        case skip
        /// Commit what is done and stop.
        case fail
    }

    private let decoder: ImageDecoder
    private let preprocessor: ImagePreprocessor
    private let backbones: [any Backbone]
    private let batchSize: Int
    /// The looks at each picture whose features are put one behind the other; the usual one must come first.
    public var views = [PictureView.center]
    /// What happens with a picture that cannot be used.
    public var errorPolicy = ErrorPolicy.skip
    /// Whether pictures that failed before are tried again although they did not change.
    public var retriesFailed = false
    /// Decides the random order of extraction.
    public var seed: UInt64 = 0
    /// The part of the listing to extract; nil for all of it. What the store has of other parts is left alone.
    public var shard: BuildShard?

    /// An extractor that decodes with `decoder`, prepares with `preprocessor` and computes in batches of `batchSize`, each of
    /// `backbones` on a thread of its own: as many as there are cores to use, all of the same network, each of which keeps
    /// one core busy.
    public init(
        backbones: [any Backbone], batchSize: Int, decoder: ImageDecoder, preprocessor: ImagePreprocessor
    ) {
        precondition(!backbones.isEmpty, "no backbone")
        self.backbones = backbones
        self.batchSize = batchSize
        self.decoder = decoder
        self.preprocessor = preprocessor
    }

    /// Brings the store up to date with `listing`. Everything committed so far is kept whatever happens: on an
    /// interruption the report says so, on an error (a full disk; a bad picture under `.fail`) it is thrown after a commit.
    public func extract<Writer: FeatureSink & ~Copyable>(
        _ listing: PictureListing, into writer: inout Writer, interruption: Interruption,
        progress: ProgressHandler
    ) throws -> BuildReport {
        let started = ContinuousClock.now
        let known = writer.contents()
        let plan = BuildPlan(
            listing: listing, shard: shard,
            known: try writer.knownPictures(under: listing.root, orAt: listing.pictures.lazy.map(\.path)),
            failures: try writer.knownFailures(under: listing.root), withFeature: known,
            retryFailed: retriesFailed, seed: seed)
        var report = BuildReport()
        report.listed = plan.listed
        report.unchanged = plan.unchanged
        (report.relabeled, report.resplit) = (plan.relabeled, plan.resplit)
        report.removed = plan.removed.count
        report.failures = plan.stillFailing
        report.failuresOfEarlierRuns = plan.stillFailing.count
        try writer.remove(paths: plan.removed)
        for entry in plan.changed { try writer.record(entry) }
        do {
            try run(plan, known, root: listing.root, &writer, &report, interruption, progress)
        } catch {
            do { try writer.commit() } catch let second { throw Self.joined(error, second) }
            throw error
        }
        try writer.commit()
        report.seconds = (ContinuousClock.now - started).seconds
        return report
    }

    /// What to tell where the commit after an error failed as well. After an error of the disk a writer refuses everything
    /// for that reason, which says nothing new.
    private static func joined(_ first: any Error, _ second: any Error) -> any Error {
        guard let first = first as? InputError, let second = second as? InputError,
            !second.fact.contains(first.description)
        else { return first }
        return InputError(
            first.object, "\(first.fact); and what was done cannot be kept: \(second.object): \(second.fact)",
            remedy: second.remedy)
    }

    private func run<Writer: FeatureSink & ~Copyable>(
        _ plan: BuildPlan, _ known: Set<Fingerprint>, root: String, _ writer: inout Writer,
        _ report: inout BuildReport,
        _ interruption: Interruption, _ progress: ProgressHandler
    ) throws {
        let total = plan.toRead.count
        guard total > 0 else { return }
        let run = ExtractionRun(
            count: total, root: root, backbones: backbones, batchSize: batchSize, decoder: decoder,
            preprocessor: preprocessor, views: views)
        defer { run.stop() }
        run.start(plan.toRead, known: known)
        var done = 0
        var failed: [Fingerprint: String] = [:]
        progress(ProgressUpdate(activity: "extracting", done: 0, total: total, unit: "pictures"))
        while let outcomes = try run.next() {
            for outcome in outcomes { try take(outcome, &failed, &writer, &report) }
            done += outcomes.count
            let failures = report.failures.count - report.failuresOfEarlierRuns
            progress(
                ProgressUpdate(
                    activity: "extracting", done: done, total: total, unit: "pictures",
                    note: failures == 0 ? "" : "\(failures) failed"))
            if interruption.isRequested {
                report.wasInterrupted = done < total
                break
            }
        }
        report.secondsWaiting = run.secondsWaiting
    }

    /// Writes down what became of one file. `failed` has the contents that could not be used so far, and why.
    private func take<Writer: FeatureSink & ~Copyable>(
        _ outcome: ExtractedPicture, _ failed: inout [Fingerprint: String], _ writer: inout Writer,
        _ report: inout BuildReport
    ) throws {
        switch outcome {
        case .feature(let picture, let features, let row):
            try writer.append(feature: features.row(row), of: picture)
            report.extracted += 1
        case .known(let picture):
            if let reason = failed[picture.content] {
                return try take(FailureEntry(copy: picture, reason: reason), &writer, &report)
            }
            try writer.record(picture)
            report.duplicates += 1
        case .failed(let failure, let content):
            if let content { failed[content] = failure.reason }
            try take(failure, &writer, &report)
        }
    }

    private func take<Writer: FeatureSink & ~Copyable>(
        _ failure: FailureEntry, _ writer: inout Writer, _ report: inout BuildReport
    ) throws {
        try writer.recordFailure(failure)
        report.failures.append(failure)
        guard errorPolicy == .skip else {
            throw InputError(failure.path, failure.reason, remedy: "Mend or remove it, or use --on-error skip.")
        }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
