import ModelGraph
import Tensors
import Testing

@testable import Backbones

@Suite("A graph becomes a plan")
struct ExecutionPlanTests {
    @Test("identities, the flattening of a vector and layers that lead nowhere cost no step")
    func freeLayers() throws {
        var random = RandomGraph(seed: 1)
        let first = random.convolution("conv", ModelGraph.inputName, to: 8, window: Window(size: 1))
        _ = random.convolution("unused", first, to: 8, window: Window(size: 1))
        let dropout = random.append("dropout", .identity, first)
        let pooled = random.append("pool", .globalPool(.average), dropout)
        let vector = random.append("flatten", .flatten, pooled)
        _ = random.linear("fc", vector, from: 8, to: 4)
        let plan = try ExecutionPlan(graph: random.graph(), height: 5, width: 5)
        #expect(plan.steps.map(\.name) == ["conv", "pool", "fc"])
        #expect(plan.shapes[plan.output] == ExecutionPlan.MapShape(channels: 4, height: 1, width: 1))
    }

    @Test("a map of more than one position is flattened by a step, in the order of channels")
    func flattenedMap() throws {
        var random = RandomGraph(seed: 1)
        _ = random.convolution("conv", ModelGraph.inputName, to: 8, window: Window(size: 1))
        let plan = try ExecutionPlan(graph: random.graph(), height: 5, width: 4)
        #expect(plan.steps.map(\.kernel).last == .reshape(.channelsFirst))
        #expect(plan.shapes[plan.output].channels == 8 * 5 * 4)
    }

    @Test("a network that computes nothing gives back the picture")
    func nothing() throws {
        var random = RandomGraph(seed: 1)
        _ = random.append("same", .identity, ModelGraph.inputName)
        let plan = try ExecutionPlan(graph: random.graph(), height: 1, width: 1)
        #expect(plan.steps.isEmpty && plan.output == ExecutionPlan.picture)
    }

    @Test("a picture that is too small is an error that names the layer")
    func tooSmall() {
        var random = RandomGraph(seed: 1)
        _ = random.convolution("conv", ModelGraph.inputName, to: 8, window: Window(size: 7))
        let graph = random.graph()
        #expect { try ExecutionPlan(graph: graph, height: 5, width: 5) } throws: {
            ($0 as? InputError)?.object == "layer 'conv'"
        }
    }
}
