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
    private let backbone: any Backbone
    private let batchSize: Int
    /// What happens with a picture that cannot be used.
    public var errorPolicy = ErrorPolicy.skip
    /// Whether pictures that failed before are tried again although they did not change.
    public var retriesFailed = false
    /// Decides the random order of extraction.
    public var seed: UInt64 = 0
    /// The part of the listing to extract; nil for all of it. What the store has of other parts is left alone.
    public var shard: BuildShard?

    /// An extractor that decodes with `decoder`, prepares with `preprocessor` and computes with `backbone` in batches of
    /// `batchSize`.
    public init(
        backbone: any Backbone, batchSize: Int, decoder: ImageDecoder, preprocessor: ImagePreprocessor
    ) {
        self.backbone = backbone
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
            listing: listing, shard: shard, known: try writer.knownPictures(under: listing.root),
            failures: try writer.knownFailures(under: listing.root), withFeature: known,
            retryFailed: retriesFailed, seed: seed)
        var report = BuildReport()
        report.listed = plan.listed
        report.unchanged = plan.unchanged
        report.relabeled = plan.relabeled.count
        report.removed = plan.removed.count
        report.failures = plan.stillFailing
        report.failuresOfEarlierRuns = plan.stillFailing.count
        try writer.remove(paths: plan.removed)
        for entry in plan.relabeled { try writer.record(entry) }
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
        let producer = BatchProducer(
            preparer: PicturePreparer(root: root, decoder: decoder, preprocessor: preprocessor), batchSize: batchSize)
        defer { producer.stop() }
        producer.start(plan.toRead, known: known)
        var done = 0
        progress(ProgressUpdate(activity: "extracting", done: 0, total: total, unit: "pictures"))
        while true {
            let waited = ContinuousClock.now
            guard let step = producer.next() else { break }
            report.secondsWaiting += (ContinuousClock.now - waited).seconds
            try take(step, &writer, &report)
            done += step.fileCount
            let failed = report.failures.count - report.failuresOfEarlierRuns
            progress(
                ProgressUpdate(
                    activity: "extracting", done: done, total: total, unit: "pictures",
                    note: failed == 0 ? "" : "\(failed) failed"))
            if interruption.isRequested {
                report.wasInterrupted = done < total
                break
            }
        }
    }

    private func take<Writer: FeatureSink & ~Copyable>(
        _ step: ExtractionStep, _ writer: inout Writer, _ report: inout BuildReport
    ) throws {
        if let tensor = step.tensor {
            let features = try backbone.features(of: tensor)
            for (row, picture) in step.pictures.enumerated() {
                try writer.append(feature: features.row(row), of: picture)
            }
            report.extracted += step.pictures.count
        }
        for picture in step.known { try writer.record(picture) }
        report.duplicates += step.known.count
        for failure in step.failures { try writer.recordFailure(failure) }
        report.failures += step.failures
        if errorPolicy == .fail, let failure = step.failures.first {
            throw InputError(failure.path, failure.reason, remedy: "Mend or remove it, or use --on-error skip.")
        }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
