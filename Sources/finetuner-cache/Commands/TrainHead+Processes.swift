import Foundation
import FeatureStorage
import Pipeline
import ProcessGroups
import Tensors

/// Training on several processes.
extension TrainHead {
    /// The processes that `mpirun` started to train one head; nil for one alone. All but the first are silent. Throws `InputError`
    /// where the training is of a kind that one process does.
    func processGroup() throws -> (any ProcessGroup)? {
        guard let group = try LaunchedProcesses.group() else { return nil }
        guard sweepOptions.sweep.isEmpty else {
            throw InputError(
                "--sweep", "trains its heads side by side in one process",
                remedy: "Start it without mpirun, or train one head at a time.")
        }
        if !group.isFirst { Console.silence() }
        Console.note("training on \(group.size) processes")
        return group
    }

    /// The name that process 0 chose.
    func name(in store: FeatureStore, _ group: (any ProcessGroup)?) throws -> (name: String, lock: RunLock?) {
        guard let group else { return try runOptions.name(in: store) }
        let own = group.isFirst ? try runOptions.name(in: store) : nil
        return (String(decoding: group.broadcast(Data((own?.name ?? "").utf8)), as: UTF8.self), own?.lock)
    }

    /// Throws `InputError` where there are several processes and the training is on scored pairs.
    func requireOneProcess(_ group: (any ProcessGroup)?) throws {
        guard group != nil else { return }
        throw InputError(
            "training on scored pairs", "is done by one process", remedy: "Start it without mpirun; it takes seconds.")
    }
}
