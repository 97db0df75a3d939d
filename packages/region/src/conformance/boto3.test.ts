import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pythonWith, succeed } from './testing/command.ts';
import { startRegionProcess } from './testing/region-process.ts';

const region = await startRegionProcess();
after(() => region.close());

/** boto3's own layers: resources, waiters, paginators, the transfer manager, and its reading of errors. */
const script = `
import boto3, io, json, os
from botocore.exceptions import ClientError
endpoint = os.environ['AWS_ENDPOINT_URL']
def client(name): return boto3.client(name, endpoint_url=endpoint)
answer = {}

s3 = boto3.resource('s3', endpoint_url=endpoint)
bucket = s3.create_bucket(Bucket='boto', CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'})
bucket.wait_until_exists()
bucket.upload_fileobj(io.BytesIO(b'x' * 20_000_000), 'large')
for number in range(3): bucket.put_object(Key=f'small/{number}', Body=str(number).encode())
answer['size'] = bucket.Object('large').content_length
answer['part'] = bucket.Object('small/1').get()['Body'].read().decode()
pages = client('s3').get_paginator('list_objects_v2').paginate(Bucket='boto', PaginationConfig={'PageSize': 2})
answer['pages'] = [len(page['Contents']) for page in pages]
bucket.objects.all().delete()
bucket.delete()
bucket.wait_until_not_exists()

template = {'Resources': {'P': {'Type': 'AWS::SSM::Parameter', 'Properties': {'Type': 'String', 'Value': 'v'}}}}
cloudformation = client('cloudformation')
cloudformation.create_stack(StackName='boto', TemplateBody=json.dumps(template))
cloudformation.get_waiter('stack_create_complete').wait(StackName='boto', WaiterConfig={'Delay': 1})
name = cloudformation.describe_stack_resource(StackName='boto', LogicalResourceId='P')['StackResourceDetail']['PhysicalResourceId']
answer['value'] = client('ssm').get_parameter(Name=name)['Parameter']['Value']
cloudformation.delete_stack(StackName='boto')
cloudformation.get_waiter('stack_delete_complete').wait(StackName='boto', WaiterConfig={'Delay': 1})
try:
    client('ssm').get_parameter(Name=name)
except client('ssm').exceptions.ClientError as error:
    answer['error'] = error.response['Error']['Code']

ec2 = boto3.resource('ec2', endpoint_url=endpoint)
vpc = ec2.create_vpc(CidrBlock='10.1.0.0/16')
vpc.wait_until_available()
subnet = vpc.create_subnet(CidrBlock='10.1.1.0/24')
answer['subnet'] = [subnet.vpc_id == vpc.id, subnet.available_ip_address_count]
subnet.delete(); vpc.delete()
answer['account'] = client('sts').get_caller_identity()['Account']
print(json.dumps(answer))
`;

test('boto3 finds its resources, waiters, paginators and errors as on AWS', async (t) => {
  const options = { env: region.environment };
  const python = await pythonWith('boto3');
  if (!python) return t.skip('needs boto3');
  const { stdout } = await succeed(python, ['-'], { ...options, input: script });
  assert.deepEqual(JSON.parse(stdout), {
    size: 20_000_000,
    part: '1',
    pages: [2, 2],
    value: 'v',
    error: 'ParameterNotFound',
    // Confirmed by docs: AWS keeps five addresses of each subnet.
    subnet: [true, 251],
    account: '000000000000',
  });
});
