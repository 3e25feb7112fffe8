import ModelGraph
import Tensors
import Testing

@testable import Backbones

@Suite("Steps are fused where that keeps the result")
struct PlanFusionTests {
    private let same = Window(size: 3, padding: .all(1))

    private func plan(_ random: RandomGraph, cutAt cut: String? = nil, size: Int = 32) throws -> ExecutionPlan {
        try ExecutionPlan(graph: random.graph(cutAt: cut), height: size, width: size)
    }

    @Test("normalization and activation ride on the convolution in front of them")
    func chain() throws {
        var random = RandomGraph(seed: 1)
        let first = random.convolution("conv", ModelGraph.inputName, to: 8, window: same)
        let second = random.normalization("bn", first)
        _ = random.append("relu", .activation(.relu6), second)
        let plan = try plan(random)
        #expect(plan.steps.first?.layers == ["conv", "bn", "relu"])
        #expect(plan.steps.first?.activation == .relu6)
        #expect(plan.steps.count == 2)
    }

    @Test("a residual block adds into the shortcut, whichever operand comes first", arguments: [true, false])
    func residual(shortcutFirst: Bool) throws {
        var random = RandomGraph(seed: 1)
        let stem = random.convolution("stem", ModelGraph.inputName, to: 16, window: same)
        _ = random.bottleneck("block", stem, width: 8, outputs: 16, shortcutFirst: shortcutFirst)
        let steps = try plan(random).steps
        #expect(steps.map { $0.layers.last } == ["stem", "block.relu1", "block.relu2", "block.relu", "vector"])
        #expect(steps[3].accumulated == steps[0].output)
        #expect(steps[3].activation == .relu)
        #expect(steps[3].layers == ["block.conv3", "block.bn3", "block.add", "block.relu"])
    }

    @Test("where both operands are convolutions, the later one adds into the earlier one's result")
    func downsampled() throws {
        var random = RandomGraph(seed: 1)
        let stem = random.convolution("stem", ModelGraph.inputName, to: 16, window: same)
        _ = random.bottleneck("block", stem, width: 8, outputs: 24, stride: 2, shortcutFirst: false)
        let steps = try plan(random).steps
        #expect(steps.count == 6)
        #expect(steps[4].layers == ["block.downsample.0", "block.downsample.1", "block.add", "block.relu"])
        #expect(steps[4].accumulated == steps[3].output)
    }

    @Test("a cut before the activation leaves it out, a cut before the normalization both")
    func cuts() throws {
        let random = RandomGraph.resNet(seed: 0)
        #expect(try plan(random, cutAt: "conv1").steps.first?.layers == ["conv1"])
        #expect(try plan(random, cutAt: "bn1").steps.first?.activation == nil)
        #expect(try plan(random, cutAt: "layer1.1.add").steps.dropLast().last?.activation == nil)
        #expect(try plan(random, cutAt: "layer1.1.relu").steps.dropLast().last?.activation == .relu)
    }

    @Test("a value with a second use is left alone")
    func sharedValues() throws {
        var random = RandomGraph(seed: 1)
        let first = random.convolution("conv", ModelGraph.inputName, to: 8, window: same)
        let second = random.normalization("bn", first)
        let third = random.append("relu", .activation(.relu), second)
        let fourth = random.append("sum", .add, first, second)
        _ = random.append("last", .add, third, fourth)
        #expect(try plan(random).steps.map(\.name) == ["conv", "bn", "relu", "sum", "last", "vector"])
    }

    @Test("a convolution does not add into the map that it reads, nor into one that is needed later")
    func noAccumulation() throws {
        var reads = RandomGraph(seed: 1)
        let input = reads.convolution("first", ModelGraph.inputName, to: 8, window: same)
        let output = reads.convolution("second", input, to: 8, window: same)
        _ = reads.append("sum", .add, output, input)
        #expect(try plan(reads).steps.map(\.name) == ["first", "second", "sum", "vector"])

        var later = RandomGraph(seed: 1)
        let a = later.convolution("a", ModelGraph.inputName, to: 8, window: same)
        let b = later.convolution("b", a, to: 8, window: same)
        let c = later.convolution("c", b, to: 8, window: same)
        let sum = later.append("sum", .add, c, a)
        _ = later.append("again", .add, sum, a)
        #expect(try plan(later).steps.map(\.name) == ["a", "b", "c", "sum", "again", "vector"])
    }

    @Test("a convolution does not move past a step that writes over the map that it reads")
    func noMovePastOverwriting() throws {
        var random = RandomGraph(seed: 1)
        let map = random.convolution("map", ModelGraph.inputName, to: 8, window: same)
        let reader = random.convolution("reader", map, to: 8, window: same)
        let writer = random.convolution("writer", ModelGraph.inputName, to: 8, window: same)
        let sum = random.append("sum", .add, writer, map)
        _ = random.append("last", .add, reader, sum)
        let steps = try plan(random).steps
        #expect(steps.map(\.name) == ["map", "reader", "writer + sum", "last", "vector"])
        #expect(try differenceFromReference(random.graph(), &random, height: 6, width: 9) < 1e-5)
    }

    @Test("no step reads a value before it is written or after it was added to, at any cut of any network")
    func order() throws {
        let networks = (0..<4).flatMap { seed -> [RandomGraph] in
            [.resNet(seed: seed), .efficientNet(seed: seed), .preActivation(seed: seed), .tangle(seed: seed)]
        }
        for random in networks {
            for layer in random.layers {
                let plan = try plan(random, cutAt: layer.name, size: 24)
                var live: Set<Int> = [ExecutionPlan.picture]
                for step in plan.steps {
                    let reads = step.inputs + [step.accumulated].compactMap { $0 }
                    #expect(live.isSuperset(of: reads), "\(step.name) at cut \(layer.name)")
                    #expect(step.accumulated.map { !step.inputs.contains($0) } ?? true)
                    if let accumulated = step.accumulated { live.remove(accumulated) }
                    live.insert(step.output)
                }
                #expect(live.contains(plan.output))
            }
        }
    }
}
