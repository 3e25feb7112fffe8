import Foundation
import MetricLearning
import Tensors

/// The numbers of optimizers and losses as tensors: `optimizer.exp_avg.3` is the slot `exp_avg` of parameter 3, `loss.0` the
/// loss's first weight, `loss_optimizer.…` what its optimizer remembers, `memory.…` the embeddings of earlier batches.
enum SnapshotTensors {
    private static let (optimizerSteps, lossSteps) = ("optimizer.steps", "loss_optimizer.steps")

    static func encoded(_ snapshot: TrainingSnapshot) throws -> Data {
        var tensors: [String: DenseTensor] = [:]
        var metadata: [String: String] = [:]
        func add(_ state: OptimizerState, _ prefix: String) {
            metadata["\(prefix).steps"] = "\(state.steps)"
            metadata["\(prefix).name"] = state.optimizer
            metadata["\(prefix).slots"] = state.slots.keys.sorted().joined(separator: " ")
            for (slot, matrices) in state.slots { add(matrices, "\(prefix).\(slot)") }
        }
        func add(_ matrices: [Matrix], _ prefix: String) {
            for (index, matrix) in matrices.enumerated() {
                tensors["\(prefix).\(index)"] = DenseTensor(
                    shape: [matrix.rows, matrix.columns], elements: matrix.elements)
            }
        }
        add(snapshot.optimizer, "optimizer")
        add(snapshot.lossParameters, "loss")
        if let state = snapshot.lossOptimizer { add(state, "loss_optimizer") }
        if let memory = snapshot.lossMemory {
            add([memory.embeddings], "memory")
            metadata["memory.labels"] = memory.labels.map(String.init).joined(separator: " ")
            metadata["memory.next"] = "\(memory.next)"
        }
        return try SafetensorsFile.encode(tensors, metadata: metadata)
    }

    static func snapshot(_ file: SafetensorsFile, head: ProjectionHead, steps: Int) throws -> TrainingSnapshot {
        let reader = Reader(file: file)
        return TrainingSnapshot(
            head: head, optimizer: try reader.required(reader.state("optimizer"), "optimizer"),
            lossParameters: try reader.matrices("loss"), lossOptimizer: try reader.state("loss_optimizer"),
            lossMemory: try reader.memory(), steps: steps)
    }

    private struct Reader {
        let file: SafetensorsFile

        func required<Value>(_ value: Value?, _ name: String) throws -> Value {
            guard let value else {
                throw InputError("the checkpoint", "lacks \(name)", remedy: "Train again without --resume.")
            }
            return value
        }

        func matrices(_ prefix: String) throws -> [Matrix] {
            var found: [Matrix] = []
            while let entry = file.entries["\(prefix).\(found.count)"] {
                let tensor = try required(file.tensor("\(prefix).\(found.count)"), prefix)
                guard entry.shape.count == 2 else {
                    throw InputError(
                        "the checkpoint", "has no matrix \(prefix)", remedy: "Train again without --resume.")
                }
                found.append(Matrix(rows: entry.shape[0], columns: entry.shape[1], elements: tensor.elements))
            }
            return found
        }

        func state(_ prefix: String) throws -> OptimizerState? {
            guard let steps = file.metadata["\(prefix).steps"] else { return nil }
            let slots = (file.metadata["\(prefix).slots"] ?? "").split(separator: " ").map(String.init)
            let found = try slots.map { ($0, try matrices("\(prefix).\($0)")) }
            return OptimizerState(
                optimizer: file.metadata["\(prefix).name"], steps: try required(Int(steps), prefix),
                slots: Dictionary(found, uniquingKeysWith: { first, _ in first }))
        }

        func memory() throws -> LossMemory? {
            guard let labels = file.metadata["memory.labels"] else { return nil }
            let embeddings = try required(matrices("memory").first, "memory")
            return LossMemory(
                embeddings: embeddings,
                labels: try labels.split(separator: " ").map { try required(Int($0), "memory") },
                next: try required(file.metadata["memory.next"].flatMap { Int($0) }, "memory"))
        }
    }
}
