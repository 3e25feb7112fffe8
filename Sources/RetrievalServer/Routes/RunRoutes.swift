import FeatureStorage
import Foundation
import Hummingbird
import Pipeline
import Retrieval

/// Training runs, also those that go on now.
struct RunRoutes {
    let keeper: GalleryKeeper
    let work: WorkPool

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.get("runs") { [self] _, _ in
            try Response.json(
                try await work.run { [keeper] in
                    let folder = try keeper.gallery().store.runsFolder
                    return RunList(
                        runs: RunFacts.names(in: folder).compactMap { try? RunList.Run(RunFacts(name: $0, in: folder)) }
                    )
                })
        }
        group.get("runs/:name") { [self] _, context in
            let name = try context.parameters.require("name")
            return try Response.json(
                try await work.run { [keeper] in
                    try RunAnswer(RunFacts(name: name, in: keeper.gallery().store.runsFolder))
                })
        }
    }
}

private struct RunList: Encodable, Sendable {
    struct Run: Encodable {
        let name, loss, monitor: String
        let epochs: Int
        let running: Bool
        let best, started: Double?

        init(_ facts: RunFacts) {
            name = facts.name
            (loss, monitor) = (facts.settings["loss"] ?? "", facts.settings["monitor"] ?? "")
            (epochs, running) = (max(0, facts.epochs.count - 1), facts.isRunning)
            best = facts.epochs.last { $0.isBest }?.monitored
            started = facts.epochs.first?.time
        }
    }
    let runs: [Run]
}

private struct RunAnswer: Encodable, Sendable {
    struct Epoch: Encodable {
        let epoch, steps: Int
        let loss: Float?
        let learningRate, monitored: Double?
        let isBest: Bool
    }
    let name, monitor: String
    let running: Bool
    let settings: [String: String]
    let epochs: [Epoch]
    let summary: [String: [String: Double]]?

    init(_ facts: RunFacts) {
        (name, monitor, running) = (facts.name, facts.settings["monitor"] ?? "", facts.isRunning)
        (settings, summary) = (facts.settings, facts.summary)
        epochs = facts.epochs.map {
            Epoch(
                epoch: $0.epoch, steps: $0.steps, loss: $0.loss, learningRate: $0.learningRate, monitored: $0.monitored,
                isBest: $0.isBest)
        }
    }
}
