import Foundation
import MetricLearning
import Retrieval
import Tensors

/// What the processes of a group have to agree on while they train one head; one process alone agrees with itself.
struct TrainingGroup {
    private let group: (any ProcessGroup)?

    init(_ group: (any ProcessGroup)?) { self.group = group }

    /// Whether this process or another was asked to stop.
    func isRequested(_ interruption: Interruption) -> Bool {
        group?.any(interruption.isRequested) ?? interruption.isRequested
    }

    /// What `measure` gives, which the first process calls for all: with other numbers, others might stop at another epoch.
    func metrics(_ measure: () throws -> RetrievalMetrics?) throws -> RetrievalMetrics? {
        guard let group else { return try measure() }
        let measured = group.isFirst ? try [measure()].compactMap { $0 } : []
        return try JSONDecoder().decode(
            [RetrievalMetrics].self, from: group.broadcast(CanonicalJSON.encode(measured))
        ).first
    }

    /// Throws `InputError` where the processes begin with other pictures, settings, batches or heads.
    func requireSameStart(
        _ head: ProjectionHead, _ plan: TrainingPlan, _ settings: HeadTrainer.Settings
    ) throws {
        guard let group else { return }
        let facts = [
            try plan.dataset.fingerprint().hex, Fingerprint(of: try CanonicalJSON.encode(settings)).hex,
            "\(plan.residence)",
        ]
        try group.requireSame(
            Fingerprint(of: Data(facts.joined(separator: " ").utf8)), "pictures, settings or memory")
        try group.requireSame(Fingerprint(of: head.shortcut.map { [$0.mean, $0.projection] } ?? []), "projections")
        try requireSame(head)
    }

    /// Throws `InputError` where the processes have other heads.
    func requireSame(_ head: ProjectionHead) throws {
        try group?.requireSame(Fingerprint(of: head.parameters), "heads")
    }
}

extension Fingerprint {
    /// Of the bits of all numbers.
    fileprivate init(of matrices: [Matrix]) {
        var hasher = FingerprintHasher()
        for matrix in matrices { matrix.withUnsafeElements { hasher.update(UnsafeRawBufferPointer($0)) } }
        self = hasher.finish()
    }
}
